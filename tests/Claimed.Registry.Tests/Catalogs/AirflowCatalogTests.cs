using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Claimed.Registry.Storage;
using Claimed.Registry.Wheels;
using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>Wheels of operators and the index that pip reads; pip itself installs from it.</summary>
public sealed class AirflowCatalogTests : IAsyncLifetime
{
    private const string Simple = "/catalogs/airflow/simple/";
    private const string Json = "application/vnd.pypi.simple.v1+json";

    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-pip-").FullName;
    private readonly ShiftedClock _clock = new();
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(adjust: builder => builder.Services.AddSingleton<TimeProvider>(_clock));

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<JsonElement> IndexAsync(string project)
    {
        var answer = await _host.GetAsync(Simple + project, ("Accept", Json));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal(Json, answer.ContentType);
        return JsonDocument.Parse(answer.Text).RootElement;
    }

    private async Task<List<(string Name, string Url, string Hash)>> FilesAsync(string project = "claimed-acme/") =>
    [
        .. (await IndexAsync(project)).GetProperty("files").EnumerateArray()
            .Select(file => (file.GetProperty("filename").GetString()!, file.GetProperty("url").GetString()!, file.GetProperty("hashes").GetProperty("sha256").GetString()!)),
    ];

    private async Task<string> SourceAsync(string url, string path)
    {
        using var archive = new ZipArchive(new MemoryStream((await _host.GetAsync(url)).Bytes));
        using var reader = new StreamReader(archive.GetEntry(path)!.Open());
        return await reader.ReadToEndAsync();
    }

    private Task<ShellResult> PipAsync(string target, string url, params string[] what) => Shell.RunAsync(File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3",
        ["-m", "pip", "install", "--isolated", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--target", Path.Combine(_folder, target), "--index-url", url, .. what]);

    private string Address(string? credentials = null) => $"http://{(credentials is null ? "" : credentials + "@")}{_host.Address.Authority}{Simple}";

    [Fact]
    public async Task Pip_installs_a_wheel_by_the_index_alone_and_checks_its_hash()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        var said = (await PipAsync("installed", Address(), "claimed-acme", "claimed-elyra-connector")).Succeeded();
        Assert.Contains("Successfully installed claimed-acme-1.", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "installed", "claimed_acme", "operators", "docker", "greet_v1.py")));
        Assert.Single(Directory.GetDirectories(Path.Combine(_folder, "installed"), "claimed_acme-1.*.dist-info"));
        var files = await FilesAsync();
        Assert.Equal(Digest.Of((await _host.GetAsync(files[0].Url)).Bytes)["sha256:".Length..], files[0].Hash);
    }

    [Fact]
    public async Task The_index_answers_in_the_form_that_is_asked_for_and_never_with_a_redirect()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _host.Address };
        foreach (var (accept, type) in new[]
        {
            ("", "text/html; charset=utf-8"), ("*/*", "text/html; charset=utf-8"), (Json, Json), ("application/vnd.pypi.simple.latest+json", Json),
            ("application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01", Json),
            ("application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.v1+html; charset=utf-8"),
            ("text/html, application/vnd.pypi.simple.v1+json; q=0.5", "text/html; charset=utf-8"),
        })
        {
            foreach (var path in new[] { Simple, Simple.TrimEnd('/'), Simple + "claimed-acme/", Simple + "claimed-acme", Simple + "Claimed_Acme/", Simple + "claimed.-_acme", Simple + "CLAIMED-ELYRA_connector" })
            {
                var answer = await client.SendAsync(HttpMethod.Get, path, null, accept.Length == 0 ? [] : [("Accept", accept)]);
                Assert.Equal(HttpStatusCode.OK, answer.Status);
                Assert.Equal(type, answer.ContentType);
                Assert.Equal(["Accept"], answer.Message.Headers.Vary);
                Assert.Equal("no-cache", answer.Message.Headers.CacheControl!.ToString());
            }
        }
        Assert.Equal(HttpStatusCode.NotAcceptable, (await _host.GetAsync(Simple, ("Accept", "image/png"))).Status);
        var html = (await _host.GetAsync(Simple + "claimed-acme/")).Text;
        var (name, url, hash) = Assert.Single(await FilesAsync());
        Assert.Contains($"<a href=\"{url}#sha256={hash}\" data-requires-python=\"&gt;=3.8\">{name}</a>", html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"/catalogs/airflow/simple/claimed-acme/\">claimed-acme</a>", (await _host.GetAsync(Simple)).Text, StringComparison.Ordinal);
        var page = await IndexAsync("claimed-acme/");
        Assert.Equal("1.1", page.GetProperty("meta").GetProperty("api-version").GetString());
        Assert.Equal(">=3.8", page.GetProperty("files")[0].GetProperty("requires-python").GetString());
        Assert.Equal((await _host.GetAsync(url)).Bytes.Length, page.GetProperty("files")[0].GetProperty("size").GetInt64());
    }

    [Fact]
    public async Task A_wheel_is_named_by_the_last_event_that_changed_it_and_earlier_ones_stay_as_they_were()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        var ready = (await _host.EventsAsync()).Last(entry => entry.GetProperty("kind").GetString() == "version.ready").GetProperty("serial").GetRawText();
        var first = Assert.Single(await FilesAsync());
        Assert.Equal($"claimed_acme-1.{ready}-py3-none-any.whl", first.Name);
        var bytes = (await _host.GetAsync(first.Url)).Bytes;
        // None of these changes what is in it.
        await _host.SetChannelAsync("acme/greet", "prod", "1.0.0");
        await _host.PatchAsync("acme/greet", """{"tags": ["x"]}""");
        await _host.PublishReadyAsync("other", "greet", "1.0.0", "two");
        await _host.PublishAsync("acme", "waits", "1.0.0", ("step.py", Samples.Script()));
        Assert.Equal(first, Assert.Single(await FilesAsync()));
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "three");
        var files = await FilesAsync();
        Assert.Equal(2, files.Count);
        Assert.Equal(first, files[1]);
        Assert.Equal(bytes, (await _host.GetAsync(first.Url)).Bytes);
        Assert.Equal((await _host.GetAsync(files[0].Url)).Bytes, (await _host.GetAsync("/catalogs/airflow/acme/claimed_acme-latest-py3-none-any.whl")).Bytes);
        Assert.Equal(["1." + Serial(files[0].Name), "1." + Serial(files[1].Name)], (await IndexAsync("claimed-acme/")).GetProperty("versions").EnumerateArray().Select(version => version.GetString()));
    }

    private static string Serial(string file) => Regex.Match(file, @"-1\.([0-9]+)-").Groups[1].Value;

    [Fact]
    public async Task A_version_that_is_yanked_leaves_the_defaults_and_can_still_be_named()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "two");
        foreach (var (number, patch) in new[] { ("1.0.0", """{"deprecated": true, "successor": "1.1.0"}"""), ("1.1.0", """{"yanked": true, "reason": "Wrong."}""") })
        {
            var patched = await _host.PatchAsync($"acme/greet/versions/{number}", patch);
            Assert.True(patched.Status == HttpStatusCode.OK, patched.Text);
        }
        var newest = (await FilesAsync())[0].Url;
        var source = await SourceAsync(newest, "claimed_acme/operators/kubernetes/greet_v1.py");
        Assert.Contains("default_version = \"1.0.0\"", source, StringComparison.Ordinal);
        Assert.Contains("Deprecated: use 1.1.0.", source, StringComparison.Ordinal);
        Assert.Contains("\"1.1.0\": {  # yanked", await SourceAsync(newest, "claimed_acme/components/greet_v1.py"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_make_the_same_bytes_and_many_who_ask_at_once_get_one_wheel()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        await _host.PublishReadyAsync("acme", "show", "1.0.0", "two");
        var another = ActivatorUtilities.CreateInstance<NamespaceWheels>(_host.Services);
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(async index => index % 2 == 0
            ? (await FilesAsync()).Single().Hash
            : (await another.OfAsync("acme", CancellationToken.None)).Single().Digest["sha256:".Length..]));
        Assert.Single(made.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Files_have_ranges_strong_tags_and_are_kept_for_ever()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        var file = Assert.Single(await FilesAsync());
        var whole = await _host.GetAsync(file.Url);
        Assert.Equal($"\"sha256:{file.Hash}\"", whole.ETag);
        Assert.Equal("public, max-age=31536000, immutable", whole.Message.Headers.CacheControl!.ToString());
        var part = await _host.GetAsync(file.Url, ("Range", "bytes=-100"));
        Assert.Equal(HttpStatusCode.PartialContent, part.Status);
        Assert.Equal(whole.Bytes[^100..], part.Bytes);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await _host.GetAsync(file.Url, ("Range", "bytes=99999999-"))).Status);
        Assert.Equal(HttpStatusCode.NotModified, (await _host.GetAsync(file.Url, ("If-None-Match", whole.ETag!))).Status);
        var head = await _host.Anonymous.SendAsync(HttpMethod.Head, file.Url);
        Assert.Equal(whole.Bytes.Length, head.Message.Content.Headers.ContentLength);
        Assert.Empty(head.Bytes);
        var newest = await _host.GetAsync("/catalogs/airflow/acme/claimed_acme-latest-py3-none-any.whl");
        Assert.Equal("no-cache", newest.Message.Headers.CacheControl!.ToString());
        Assert.EndsWith(file.Url, newest.Message.Content.Headers.ContentLocation!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elyra_s_package_is_no_file_of_the_index_and_both_instances_name_what_moves()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        using var archive = new ZipArchive(new MemoryStream((await _host.GetAsync("/catalogs/airflow/acme/elyra-package.zip")).Bytes));
        Assert.Equal(["airflow/operators/claimed_acme_greet_v1.py"], archive.Entries.Select(entry => entry.FullName));
        Assert.All(await FilesAsync(), file => Assert.EndsWith(".whl", file.Name, StringComparison.Ordinal));
        await _host.PublishReadyAsync("acme-extraction-and-training", "greet", "1.0.0");
        foreach (var (kind, schema, key) in new[]
        {
            ("provider", "airflow-provider-package-catalog", "airflow_provider_package_download_url"), ("package", "airflow-package-catalog", "airflow_package_download_url"),
        })
        {
            var instance = JsonDocument.Parse((await _host.GetAsync($"/catalogs/airflow/acme/elyra-{kind}.json")).Text).RootElement;
            Assert.Equal(schema, instance.GetProperty("schema_name").GetString());
            Assert.Equal(["description", "runtime_type", "categories", key], instance.GetProperty("metadata").EnumerateObject().Select(entry => entry.Name));
            var path = new Uri(instance.GetProperty("metadata").GetProperty(key).GetString()!).AbsolutePath;
            // Elyra takes a package by the end of its URL.
            Assert.EndsWith(kind == "provider" ? "/claimed_acme-latest-py3-none-any.whl" : "/elyra-package.zip", path, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(path)).Status);
            // Elyra names what it imports by the file.
            Assert.Equal($"attachment; filename=\"acme-airflow-{kind}.json\"", (await _host.GetAsync($"/catalogs/airflow/acme/elyra-{kind}.json")).Message.Content.Headers.ContentDisposition!.ToString());
            var cut = JsonDocument.Parse((await _host.GetAsync($"/catalogs/airflow/acme-extraction-and-training/elyra-{kind}.json")).Text).RootElement;
            Assert.Equal("acme-extraction", cut.GetProperty("metadata").GetProperty("categories")[0].GetString());
        }
    }

    [Fact]
    public async Task A_private_namespace_is_there_for_those_who_see_it_and_pip_signs_in_with_the_address()
    {
        await _host.CreateNamespaceAsync("vault", isPrivate: true, ("rita", "reader"));
        await _host.PublishReadyAsync("vault", "greet", "1.0.0");
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        var token = await _host.TokenAsync("rita", "pull");
        var file = Path.GetFileName((await _host.Admin.SendAsync(HttpMethod.Get, Simple + "claimed-vault/", null, ("Accept", Json))).Json.GetProperty("files")[0].GetProperty("url").GetString()!);
        foreach (var path in new[] { Simple + "claimed-vault/", $"/catalogs/airflow/vault/{file}", "/catalogs/airflow/vault/claimed_vault-latest-py3-none-any.whl", "/catalogs/airflow/vault/elyra-package.zip", "/catalogs/airflow/vault/elyra-provider.json" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync(path)).Status);
            var seen = await _host.Anonymous.SendAsync(HttpMethod.Get, path, null, ("Authorization", "Basic " + Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes("anything:" + token))));
            Assert.Equal(HttpStatusCode.OK, seen.Status);
            Assert.True(seen.Message.Headers.CacheControl!.Private, path);
        }
        Assert.DoesNotContain("claimed-vault", (await _host.GetAsync(Simple)).Text, StringComparison.Ordinal);
        Assert.NotEqual(0, (await PipAsync("nobody", Address(), "claimed-vault")).ExitCode);
        Assert.Contains("Successfully installed claimed-vault-1.", (await PipAsync("reader", Address("anything:" + token), "claimed-vault")).Succeeded(), StringComparison.Ordinal);
        // One who sees a part gets no wheel of the whole.
        await _host.PublishReadyAsync("vault", "hidden", "1.0.0");
        var part = await _host.TokenAsync("rita", "pull", "vault/greet");
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Anonymous.SendAsync(HttpMethod.Get, Simple + "claimed-vault/", null, ("Authorization", "Bearer " + part))).Status);
    }

    [Theory]
    [InlineData("claimed-none/")]
    [InlineData("claimed-acme%20/")]
    [InlineData("acme/")]
    [InlineData("claimed-/")]
    [InlineData("claimed-%2e%2e%2facme/")]
    [InlineData("../acme/claimed_acme-1.999-py3-none-any.whl")]
    [InlineData("../acme/%2e%2e%2f%2e%2e%2fstore")]
    [InlineData("../acme/RECORD")]
    [InlineData("../nobody/elyra-package.zip")]
    [InlineData("../nobody/elyra-provider.json")]
    [InlineData("../../elyra/connector/claimed_elyra_connector-9.9.9-py3-none-any.whl")]
    public async Task What_is_not_there_is_a_problem_that_says_why(string path)
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
        var answer = await _host.GetAsync(Simple + path);
        Assert.True(answer.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, answer.Text);
        Assert.Equal("application/problem+json", answer.Message.Content.Headers.ContentType!.MediaType);
        Assert.NotEmpty(answer["detail"]!);
    }

    [Fact]
    public async Task A_namespace_without_a_component_that_is_ready_has_no_project_and_pipelines_are_left_out()
    {
        await _host.PublishAsync("acme", "waits", "1.0.0", ("step.py", Samples.Script()));
        await _host.SeedAsync(new() { Namespace = "flows", Name = "flow", Kind = "pipeline" });
        foreach (var space in new[] { "acme", "flows" })
            Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync($"{Simple}claimed-{space}/")).Status);
        Assert.Equal(["claimed-elyra-connector"], (await IndexAsync("")).GetProperty("projects").EnumerateArray().Select(project => project.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Elyra_s_connector_is_a_wheel_of_the_same_index()
    {
        var file = Assert.Single(await FilesAsync("claimed-elyra-connector/"));
        Assert.StartsWith("/catalogs/elyra/connector/claimed_elyra_connector-", file.Url, StringComparison.Ordinal);
        var bytes = (await _host.GetAsync(file.Url)).Bytes;
        Assert.Equal(Digest.Of(bytes)["sha256:".Length..], file.Hash);
        using var archive = new ZipArchive(new MemoryStream(bytes));
        var info = archive.Entries.Single(entry => entry.Name == "entry_points.txt");
        using var reader = new StreamReader(info.Open());
        Assert.Contains("[elyra.component.catalog_types]\n", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Contains("claimed_elyra_connector/__init__.py", archive.Entries.Select(entry => entry.FullName));
        // No namespace can take its name.
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Admin.SendAsync(HttpMethod.Put, "/api/v1/namespaces/elyra-connector", null)).Status);
    }

    [Fact]
    public async Task Collection_leaves_wheels_and_a_purge_takes_those_that_have_the_version()
    {
        await _host.PublishReadyAsync("acme", "greet", "1.0.0", "one");
        var kept = Assert.Single(await FilesAsync());
        await _host.PublishReadyAsync("acme", "greet", "1.1.0", "secret-word");
        var gone = (await FilesAsync())[0];
        await _host.Services.GetRequiredService<GarbageCollection>().RunAsync(TimeSpan.FromSeconds(-1), countOnly: false, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync(kept.Url)).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync("/catalogs/airflow/acme/elyra-package.zip")).Status);
        _clock.Shift += TimeSpan.FromMinutes(1);
        var purged = await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/acme/greet/versions/1.1.0/purge", new { reason = "A secret." });
        Assert.True(purged.Message.IsSuccessStatusCode, purged.Text);
        Assert.Null(await _host.Services.GetRequiredService<IBlobStore>().FindAsync("sha256:" + gone.Hash, CancellationToken.None));
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync(gone.Url)).Status);
        var files = await FilesAsync();
        Assert.Equal(kept, files[^1]);
        Assert.DoesNotContain("secret-word", await SourceAsync(files[0].Url, "claimed_acme/components/greet_v1.py"), StringComparison.Ordinal);
    }
}
