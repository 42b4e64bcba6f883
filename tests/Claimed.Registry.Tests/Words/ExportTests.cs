using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Words;

/// <summary>The word <c>export</c> beside a registry, and its folder behind a real nginx.</summary>
[Trait("Database", "any")]
public sealed class ExportTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-export-").FullName;
    private RegistryHost _host = null!;

    private string Public => Path.Combine(_folder, "public");

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<ShellResult> ExportAsync() => WordRun.RunAsync(_host.DataPath, "export", Public);

    private string[] Files() => [.. Directory.EnumerateFiles(Path.Combine(Public, "files"), "*", SearchOption.AllDirectories).Select(file => file[(Public.Length + "/files".Length)..]).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Every_file_has_the_bytes_and_behind_nginx_the_type_that_the_registry_gives()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        await _host.PublishReadyAsync("acme", "greet", "2.0.0-rc.1", "three");
        await _host.SetChannelAsync("acme/greet", "stable", "1.0.0");
        await _host.CreateNamespaceAsync("hidden", isPrivate: true);
        await _host.PublishReadyAsync("hidden", "secret", "1.0.0");
        Assert.Contains("files in", (await ExportAsync()).Succeeded(), StringComparison.Ordinal);

        var files = Files();
        Assert.Contains("/api/v1/components/acme/greet/versions/1.0.0/component.yaml", files);
        Assert.Contains("/api/v1/components/acme/greet/versions/stable/elyra.yaml", files);
        Assert.Contains("/api/v1/components/acme/greet/versions/~1/operator.py", files);
        Assert.Contains("/api/v1/components/acme/greet/versions/latest/job.yaml", files);
        Assert.Contains("/api/v1/components/acme/greet/versions/2.0.0-rc.1/tool.cwl", files);
        Assert.Contains("/api/v1/components/acme/greet/versions/1.1.0/evidence.tar.gz", files);
        Assert.Contains("/catalogs/kfp/store/acme/greet/component.yaml", files);
        Assert.Contains("/catalogs/elyra/acme/airflow/catalog.json", files);
        Assert.Contains("/catalogs/airflow/acme/elyra-package.zip", files);
        Assert.Contains(files, file => file.StartsWith("/catalogs/airflow/acme/claimed_acme-1.", StringComparison.Ordinal));
        Assert.Contains("/catalogs/airflow/simple/claimed-acme/index.html", files);
        Assert.Contains("/catalogs/kfp/store/acme/greet/versions/tags/stable", files);
        Assert.Contains(files, file => file.StartsWith("/api/v1/components/acme/greet/versions/sha256:", StringComparison.Ordinal) && file.EndsWith("/original.yaml", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => file.Contains("hidden", StringComparison.Ordinal));

        await using var nginx = await Nginx.StartAsync(Public);
        using var client = new HttpClient { BaseAddress = nginx.Address };
        foreach (var file in files.Select(file => file.EndsWith("/index.html", StringComparison.Ordinal) ? file[..^"index.html".Length] : file))
        {
            var (live, copy) = (await _host.GetAsync(file), await client.SendAsync(HttpMethod.Get, file));
            Assert.Equal((HttpStatusCode.OK, live.ContentType), (copy.Status, copy.ContentType));
            Assert.True(live.Bytes.AsSpan().SequenceEqual(copy.Bytes), file);
        }
        // What a query chooses lies at a path of its own.
        foreach (var path in (string[])["/catalogs/elyra/acme/catalog.json?runtime=airflow", "/catalogs/elyra/acme/catalog.json?runtime=kfp&pinned=false", "/catalogs/elyra/catalog.json?runtime=airflow",
            "/catalogs/elyra/url-catalog.json?a=b&runtime=airflow", "/catalogs/elyra/acme/url-catalog.json?runtime=airflow"])
        {
            var (live, copy) = (await _host.GetAsync(path), await client.SendAsync(HttpMethod.Get, path));
            Assert.Equal((path, HttpStatusCode.OK, live.ContentType, live.Text), (path, copy.Status, copy.ContentType, copy.Text));
        }
        foreach (var query in (string[])["category=Talk", "runtime=kfp&tag=x", "channel=stable", "pinned=true", "runtime=other"])
            Assert.Equal((query, HttpStatusCode.NotFound), (query, (await client.SendAsync(HttpMethod.Get, $"/catalogs/elyra/acme/catalog.json?{query}")).Status));
        Assert.Equal(HttpStatusCode.NotFound, (await client.SendAsync(HttpMethod.Get, "/api/v1/components/hidden/secret/versions/1.0.0/component.yaml")).Status);
    }

    [Fact]
    public async Task Every_route_to_a_file_is_written_or_known_to_be_live_only()
    {
        // Whoever adds a route to a file decides which it is, and says so in docs/operations.md.
        string[] live = [];
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        (await ExportAsync()).Succeeded();
        var files = Files();
        var routes = _host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
            .Select(route => route.RoutePattern).Where(IsOfAFile).Select(pattern => "/" + pattern.RawText!.Trim('/')).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(routes.Count > 10, $"{routes.Count} routes");
        Assert.Equal(live, routes.Where(route => !files.Any(file => Regex.IsMatch(file, "^" + Regex.Replace(Regex.Escape(route), @"\\\{[^}]*}", "[^/]+") + "$"))));
    }

    private static bool IsOfAFile(RoutePattern pattern) =>
        pattern.PathSegments is [.., var last] && last.Parts.OfType<RoutePatternLiteralPart>().Any(part => part.Content.Contains('.', StringComparison.Ordinal));

    [Fact]
    public async Task Again_it_writes_what_changed_and_removes_what_is_gone()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        (await ExportAsync()).Succeeded();
        Assert.Contains(": 0 written, 0 removed", (await ExportAsync()).Succeeded(), StringComparison.Ordinal);
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        Assert.DoesNotContain(": 0 written", (await ExportAsync()).Succeeded(), StringComparison.Ordinal);
        var purged = await _host.Admin.SendAsync(HttpMethod.Post, "/api/v1/components/acme/greet/versions/1.0.0/purge", Changes.Json("""{"reason": "Holds a name."}"""));
        Assert.True(purged.Status is HttpStatusCode.OK or HttpStatusCode.Accepted, purged.Text);
        (await ExportAsync()).Succeeded();
        Assert.DoesNotContain(Files(), file => file.Contains("/1.0.0/", StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.EnumerateFiles(Public, "*.new", SearchOption.AllDirectories), _ => true);
    }

    [Fact]
    public async Task One_lost_blob_keeps_neither_what_became_private_nor_what_was_purged()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "purged", "1.0.0", "two");
        await _host.PublishReadyAsync("later", "secret", "1.0.0", "three");
        (await ExportAsync()).Succeeded();
        var form = Path.Combine(Public, "files/api/v1/components/acme/greet/versions/1.0.0/operator.py");
        var digest = Digest.Of(await File.ReadAllBytesAsync(form, TestContext.Current.CancellationToken));
        File.Delete(Path.Combine(_host.DataPath, "blobs", "sha256", digest[7..9], digest[7..]));
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/later", new { visibility = "private" })).Status);
        var purged = await _host.Admin.SendAsync(HttpMethod.Post, "/api/v1/components/acme/purged/versions/1.0.0/purge", Changes.Json("""{"reason": "Holds a name."}"""));
        Assert.True(purged.Status is HttpStatusCode.OK or HttpStatusCode.Accepted, purged.Text);

        var again = await ExportAsync();
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("Not exported: /api/v1/components/acme/greet/versions/1.0.0/operator.py: 503 ", again.Err, StringComparison.Ordinal);
        Assert.Contains($"Not exported: /api/v1/components/acme/greet/versions/{digest}/operator.py: 503 ", again.Err, StringComparison.Ordinal);
        Assert.Equal(digest, Digest.Of(await File.ReadAllBytesAsync(form, TestContext.Current.CancellationToken)));
        Assert.Contains($"/api/v1/components/acme/greet/versions/{digest}/operator.py", Files());
        Assert.DoesNotContain(Files(), file => file.Contains("/later/", StringComparison.Ordinal) || file.Contains("/acme/purged/", StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.EnumerateFiles(Public, "*", SearchOption.AllDirectories), file => file.Contains("secret", StringComparison.Ordinal) || file.Contains("purged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nginx_takes_any_number_of_versions_and_wheels()
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var index = 0; index < 600; index++)
        {
            types[$"/catalogs/kfp/store/acme/{new string('n', 60)}-{index}/versions/sha256/{Digest.Of($"as uploaded {index}")[7..]}"] = "application/yaml";
            types[$"/catalogs/kfp/store/acme/{new string('n', 60)}-{index}/versions/sha256/{Digest.Of($"as rendered {index}")[7..]}"] = "application/yaml; charset=utf-8";
            types[$"/catalogs/airflow/acme/claimed_acme-1.{index}-py3-none-any.whl"] = "application/octet-stream";
            types[$"/.well-known/evidence-keys/{Digest.Of($"key {index}")[7..]}.pem"] = "application/x-pem-file";
            types[$"/api/v1/components/acme/c{index}/versions/1.0.0/tool.cwl"] = "application/cwl; charset=utf-8";
        }
        using (var folder = Export.ExportFolder.TryTake(Public, out _)!)
        {
            var configuration = new Export.NginxConfiguration(types);
            foreach (var (path, type) in types)
            {
                await folder.PutAsync("files" + path, Encoding.UTF8.GetBytes(path), TestContext.Current.CancellationToken);
                if (configuration.FolderOf(path, type) is { } second)
                    await folder.CopyAsync("files" + path, $"types/{second}{path}", TestContext.Current.CancellationToken);
            }
            await folder.PutAsync("site.conf", Encoding.UTF8.GetBytes(configuration.Site(Public)), TestContext.Current.CancellationToken);
            await folder.PutAsync("nginx.conf", Encoding.UTF8.GetBytes(Export.NginxConfiguration.Whole), TestContext.Current.CancellationToken);
        }
        (await Shell.RunAsync("nginx", ["-t", "-c", Path.Combine(Public, "nginx.conf"), "-g", $"pid {_folder}/pid; error_log {_folder}/error.log;"], RegistryProcess.ShortRun)).Succeeded();
        await using var nginx = await Nginx.StartAsync(Public);
        using var client = new HttpClient { BaseAddress = nginx.Address };
        foreach (var (path, type) in types)
        {
            var copy = await client.SendAsync(HttpMethod.Get, path);
            Assert.Equal((HttpStatusCode.OK, type, path), (copy.Status, copy.ContentType, copy.Text));
        }
    }

    [Fact]
    public async Task A_run_that_was_cut_off_is_run_again_and_two_do_not_write_at_once()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        using (var cut = Export.ExportFolder.TryTake(Public, out _)!)
        {
            await cut.PutAsync("files/api/v1/components/acme/greet/versions/1.0.0/operator.py", "half"u8.ToArray(), TestContext.Current.CancellationToken);
            await cut.PutAsync("files/api/v1/components/acme/gone/versions/1.0.0/operator.py", "gone"u8.ToArray(), TestContext.Current.CancellationToken);
            await cut.PutAsync(".claimed-export/new/left", "part"u8.ToArray(), TestContext.Current.CancellationToken);
            var second = await ExportAsync();
            Assert.Equal(2, second.ExitCode);
            Assert.Contains("Another export", second.Err, StringComparison.Ordinal);
        }
        Assert.Contains(", 1 removed", (await ExportAsync()).Succeeded(), StringComparison.Ordinal);
        Assert.Equal((await _host.ComponentAsync("acme/greet/versions/1.0.0/operator.py")).Bytes, await File.ReadAllBytesAsync(Path.Combine(Public, "files/api/v1/components/acme/greet/versions/1.0.0/operator.py"), TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Public, ".claimed-export", "new")));
    }

    [Fact]
    public async Task A_file_is_written_beside_no_neighbour_that_may_have_any_name()
    {
        using var folder = Export.ExportFolder.TryTake(Public, out _)!;
        await folder.PutAsync("files/tags/stable.new", "the channel stable.new"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.True(await folder.PutAsync("files/tags/stable", "the channel stable"u8.ToArray(), TestContext.Current.CancellationToken));
        Assert.Equal("the channel stable.new", await File.ReadAllTextAsync(Path.Combine(Public, "files/tags/stable.new"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_folder_of_a_web_servers_configuration_is_left_alone()
    {
        Directory.CreateDirectory(Public);
        await File.WriteAllTextAsync(Path.Combine(Public, "nginx.conf"), "events { }", TestContext.Current.CancellationToken);
        var refused = await ExportAsync();
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("holds other files", refused.Err, StringComparison.Ordinal);
        Assert.Equal("events { }", await File.ReadAllTextAsync(Path.Combine(Public, "nginx.conf"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_folder_with_other_files_is_left_alone()
    {
        Directory.CreateDirectory(Public);
        await File.WriteAllTextAsync(Path.Combine(Public, "thesis.txt"), "mine");
        var refused = await ExportAsync();
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("holds other files", refused.Err, StringComparison.Ordinal);
        Assert.Equal(["thesis.txt"], Directory.EnumerateFileSystemEntries(Public).Select(Path.GetFileName));
        Assert.Contains("Name the folder", (await WordRun.RunAsync(_host.DataPath, "export")).Err, StringComparison.Ordinal);
    }

    /// <summary>The configuration as it was written, at a port of the test's.</summary>
    private sealed class Nginx : IAsyncDisposable
    {
        private readonly Process _process;

        private Nginx(Process process, Uri address) => (_process, Address) = (process, address);

        public Uri Address { get; }

        public static async Task<Nginx> StartAsync(string folder)
        {
            var port = FreePorts.Next();
            var site = Path.Combine(folder, "site.conf");
            await File.WriteAllTextAsync(site, (await File.ReadAllTextAsync(site)).Replace("listen 8080", $"listen 127.0.0.1:{port}", StringComparison.Ordinal));
            var logs = Directory.CreateDirectory(Path.Combine(folder, "..", "nginx")).FullName;
            var nginx = new Nginx(Process.Start(new ProcessStartInfo("nginx", ["-c", Path.Combine(folder, "nginx.conf"), "-g", $"daemon off; user root; pid {logs}/pid; error_log {logs}/error.log;"]))!,
                new Uri($"http://127.0.0.1:{port}"));
            using var client = new HttpClient { BaseAddress = nginx.Address };
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (!await AnswersAsync(client, limit.Token))
                await timer.WaitForNextTickAsync(limit.Token);
            return nginx;
        }

        private static async Task<bool> AnswersAsync(HttpClient client, CancellationToken cancellation)
        {
            try
            {
                using var answer = await client.GetAsync("/", cancellation);
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
