using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using Claimed.Registry.Builds;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

/// <summary>The Dockerfile and the files of a build, whatever becomes of it.</summary>
[Trait("Database", "any")]
public sealed class BuildFileTests : IAsyncLifetime
{
    // The first build waits behind its push for a second one.
    private readonly PretendEngine _engine = new(2);
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Builds:Enabled"] = "true" },
        adjust: builder => builder.Services.AddSingleton<IImageBuilder>(_engine));

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _engine.Dispose();
    }

    [Fact]
    public async Task Of_a_build_that_runs_and_is_cancelled_they_stay_until_the_version_is_purged()
    {
        var id = (await _host.PublishAsync("files", "tool", "1.0.0", ("tool.py", Samples.Script())))["build.id"];
        var dockerfile = await _host.UntilAsync($"/api/v1/builds/{id}/Dockerfile", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal("building", (await _host.GetAsync($"/api/v1/builds/{id}"))["state"]);
        Assert.StartsWith($"# files/tool 1.0.0, as build {id} makes it. By hand:\n#   curl -fsSL http://localhost:8080/api/v1/builds/{id}/context | docker build -t files/tool:1.0.0 -\nFROM ",
            dockerfile.Text, StringComparison.Ordinal);
        var digest = Digest.Of(dockerfile.Bytes);
        Assert.True(await IsNamedAsync(digest));

        await _host.PostAsync($"/api/v1/builds/{id}/cancel");
        await _host.UntilAsync($"/api/v1/builds/{id}", answer => answer["state"] == "cancelled");
        Assert.Equal(dockerfile.Text, (await _host.GetAsync($"/api/v1/builds/{id}/Dockerfile")).Text);
        Assert.Equal(dockerfile.Text, (await FilesAsync(id!))["Dockerfile"]);
        Assert.EndsWith($"/builds/{id}/context", (await _host.GetAsync($"/api/v1/builds/{id}"))["links.context"], StringComparison.Ordinal);

        await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/files/tool/versions/1.0.0/purge", new { reason = "wrong" });
        foreach (var file in new[] { "Dockerfile", "context" })
            Assert.Equal("version-purged", (await _host.GetAsync($"/api/v1/builds/{id}/{file}"))["type"]);
        Assert.False(await IsNamedAsync(digest));
    }

    [Fact]
    public async Task Of_a_ready_version_they_are_what_the_engine_got_and_the_form_is_the_same_text()
    {
        await Task.WhenAll(ReadyAsync("one"), ReadyAsync("two"));
        var version = await _host.ComponentAsync("files/one/versions/1.0.0");
        var form = await _host.ComponentAsync("files/one/versions/1.0.0/Dockerfile");
        var files = await FilesAsync(version["build.id"]!);
        Assert.Equal(form.Text, files["Dockerfile"]);
        Assert.Equal(Samples.Script("one"), files["source/one.py"]);
        Assert.Contains("claimed/run", files.Keys);
    }

    [Fact]
    public async Task A_build_that_nobody_began_has_none_and_a_private_one_is_not_there()
    {
        await using var idle = await RegistryHost.StartAsync();
        await idle.CreateNamespaceAsync("hidden", isPrivate: true);
        var open = (await idle.PublishAsync("files", "tool", "1.0.0", ("tool.py", Samples.Script())))["build.id"];
        var hidden = (await idle.PublishAsync("hidden", "tool", "1.0.0", ("tool.py", Samples.Script())))["build.id"];
        foreach (var file in new[] { "Dockerfile", "context" })
        {
            Assert.Equal("build-not-begun", (await idle.GetAsync($"/api/v1/builds/{open}/{file}"))["type"]);
            Assert.Equal("build-not-found", (await idle.GetAsync($"/api/v1/builds/{hidden}/{file}"))["type"]);
            Assert.Equal("build-not-found", (await idle.GetAsync($"/api/v1/builds/99/{file}"))["type"]);
        }
    }

    private async Task ReadyAsync(string name)
    {
        var answer = await _host.PublishAsync("files", name, "1.0.0", ($"{name}.py", Samples.Script(name)));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        await _host.UntilAsync($"/api/v1/components/files/{name}/versions/1.0.0", version => version["state"] == "ready");
    }

    private async Task<bool> IsNamedAsync(string digest)
    {
        var database = _host.Services.GetRequiredService<RegistryDatabase>();
        var named = await database.ReadAsync(db => NamedBlobs.IsNamedAsync(db, digest, CancellationToken.None), CancellationToken.None);
        Assert.Equal(named, (await database.ReadAsync(db => NamedBlobs.SetAsync(db, CancellationToken.None), CancellationToken.None)).Contains(NamedBlobs.Short(digest)));
        return named;
    }

    private async Task<Dictionary<string, string>> FilesAsync(string build)
    {
        var answer = await _host.GetAsync($"/api/v1/builds/{build}/context");
        Assert.Equal((HttpStatusCode.OK, "application/gzip"), (answer.Status, answer.ContentType));
        await using var tar = new TarReader(new GZipStream(new MemoryStream(answer.Bytes), CompressionMode.Decompress));
        var files = new Dictionary<string, string>();
        while (await tar.GetNextEntryAsync(copyData: true) is { } entry)
            files[entry.Name] = await new StreamReader(entry.DataStream ?? Stream.Null).ReadToEndAsync();
        return files;
    }
}
