using System.Formats.Tar;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>Debian's container clients with images from nothing: what they push, pull, copy and delete is whole.</summary>
[Trait("Database", "any")]
public sealed class ImageClientTests(RegistryWithEngine registry) : IDisposable
{
    private const string Token = "x:" + RegistryHost.AdminToken;

#if LONG
    // More than a number of 31 bits holds.
    private const long LargeLayer = (1L << 31) + 1;
#else
    private const long LargeLayer = 100_000_001;
#endif

    private const string List = "localhost/two-platforms";

    private readonly Workspace _work = new();
    private readonly string _space = $"clients/c{RandomNumberGenerator.GetHexString(16, lowercase: true)}";

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task Docker_pushes_pulls_by_tag_and_digest_and_a_deleted_image_is_gone()
    {
        var image = $"{registry.ImageHost}/{_space}/docker";
        await using (var tar = new TarWriter(File.Create(_work["image.tar"])))
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "word") { DataStream = new MemoryStream(RandomNumberGenerator.GetBytes(100_000)) });
        (await registry.Engine.DockerAsync("import", _work["image.tar"], $"{image}:one")).Succeeded();
        var id = await IdAsync($"{image}:one");
        (await registry.Engine.DockerAsync("push", $"{image}:one")).Succeeded();
        var digest = await DigestAsync($"{_space}/docker", "one");
        Assert.Equal(MediaTypes.DockerManifest, await TypeAsync($"{_space}/docker", "one"));
        foreach (var reference in new[] { $"{image}:one", $"{image}@{digest}" })
        {
            (await registry.Engine.DockerAsync("rmi", "--force", id)).Succeeded();
            (await registry.Engine.DockerAsync("pull", reference)).Succeeded();
            Assert.Equal(id, await IdAsync(reference));
        }
        Assert.Equal(HttpStatusCode.Accepted, (await registry.Host.Admin.DeleteAsync($"v2/{_space}/docker/manifests/{digest}")).StatusCode);
        (await registry.Engine.DockerAsync("rmi", "--force", id)).Succeeded();
        var gone = await registry.Engine.DockerAsync("pull", $"{image}:one");
        Assert.NotEqual(0, gone.ExitCode);
        Assert.Contains("no manifest", gone.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buildah_pushes_an_image_of_two_platforms_which_podman_pulls_one_by_one_and_skopeo_copies_whole()
    {
        var (repository, auth) = ($"{_space}/multi", _work["auth.json"]);
        await File.WriteAllTextAsync(_work["word"], _space);
        await File.WriteAllTextAsync(_work["Dockerfile"], "FROM scratch\nCOPY word /word\n");
        (await registry.Engine.BuildahAsync("bud", "--isolation", "chroot", "--platform", "linux/amd64,linux/arm64", "--manifest", List, _work.Folder)).Succeeded();
        (await registry.Engine.BuildahAsync("login", "--authfile", auth, "--tls-verify=false", "-u", "x", "-p", RegistryHost.AdminToken, registry.ImageHost)).Succeeded();
        (await registry.Engine.BuildahAsync("manifest", "push", "--all", "--authfile", auth, "--tls-verify=false", List, $"docker://{registry.ImageHost}/{repository}:1")).Succeeded();
        Assert.Equal(MediaTypes.OciIndex, await TypeAsync(repository, "1"));
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            var id = (await registry.Engine.PodmanAsync("pull", "--quiet", "--authfile", auth, "--tls-verify=false", "--arch", architecture, $"{registry.ImageHost}/{repository}:1")).Succeeded();
            Assert.Equal(architecture, (await registry.Engine.PodmanAsync("image", "inspect", "--format", "{{.Architecture}}", id)).Succeeded());
        }

        // To Debian's registry and back under another name: the same bytes, so the same digest.
        var digest = await DigestAsync(repository, "1");
        await using var other = await DockerRegistry.StartAsync();
        var there = $"docker://{other.Authority}/{repository}:1";
        await CopyAsync("--all", "--dest-creds", $"{DockerRegistry.User}:{DockerRegistry.Password}", $"docker://{registry.ImageHost}/{repository}:1", there);
        await CopyAsync("--all", "--src-creds", $"{DockerRegistry.User}:{DockerRegistry.Password}", "--dest-creds", Token, there, $"docker://{registry.ImageHost}/{repository}-back:1");
        Assert.Equal(digest, await DigestAsync(repository + "-back", "1"));
        await PullAsync(repository + "-back", digest);

        (await registry.Engine.SkopeoAsync("delete", "--authfile", auth, "--tls-verify=false", $"docker://{registry.ImageHost}/{repository}-back:1")).Succeeded();
        Assert.Equal(HttpStatusCode.NotFound, (await registry.Host.Anonymous.GetAsync($"v2/{repository}-back/manifests/1")).StatusCode);
        await PullAsync(repository, digest);
    }

    [Fact]
    public async Task While_two_clients_push_a_tag_over_and_over_every_pull_is_whole()
    {
        var repository = $"{_space}/moving";
        var target = $"docker://{registry.ImageHost}/{repository}:tag";
        var digests = new List<string>();
        for (var image = 0; image < 4; image++)
            digests.Add(await ImageLayout.WriteAsync(_work[$"layout{image}"], RandomNumberGenerator.GetBytes(3_000_000)));
        await CopyAsync("--preserve-digests", "--dest-creds", Token, ImageLayout.Reference(_work["layout0"]), target);
        var pushers = Task.WhenAll(Enumerable.Range(0, 2).Select(async pusher =>
        {
            for (var round = 0; round < 4; round++)
                await CopyAsync("--preserve-digests", "--dest-creds", Token, ImageLayout.Reference(_work[$"layout{2 * pusher + round % 2}"]), target);
        }));
        var pulls = 0;
        do
        {
            await CopyAsync("--preserve-digests", target, $"oci:{_work[$"pulled{pulls}"]}:image");
            var pulled = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_work[$"pulled{pulls++}"], "index.json")))!["manifests"]!.AsArray();
            Assert.Contains((string)Assert.Single(pulled)!["digest"]!, digests);
        }
        while (!pushers.IsCompleted);
        await pushers;
    }

    [Fact]
    public async Task A_large_layer_is_pushed_and_pulled_whole_and_in_parts()
    {
        var repository = $"{_space}/large";
        var layout = _work["layout"];
        await ImageLayout.WriteAsync(layout, "first bytes"u8.ToArray(), LargeLayer);
        var layer = Directory.EnumerateFiles(Path.Combine(layout, "blobs", "sha256")).MaxBy(file => new FileInfo(file).Length)!;
        await CopyAsync("--preserve-digests", "--dest-creds", Token, ImageLayout.Reference(layout), $"docker://{registry.ImageHost}/{repository}:1");
        var url = $"v2/{repository}/blobs/sha256:{Path.GetFileName(layer)}";
        await using (var body = await registry.Host.Anonymous.GetStreamAsync(url))
            Assert.Equal(Path.GetFileName(layer), Convert.ToHexStringLower(await SHA256.HashDataAsync(body)));
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new(LargeLayer, null);
        using var end = await registry.Host.Anonymous.SendAsync(request);
        Assert.Equal(new byte["first bytes".Length], await end.Content.ReadAsByteArrayAsync());
    }

    private async Task<string> IdAsync(string reference) => (await registry.Engine.DockerAsync("image", "inspect", "--format", "{{.Id}}", reference)).Succeeded();

    private async Task CopyAsync(params string[] arguments) =>
        (await registry.Engine.SkopeoAsync(["copy", "--src-tls-verify=false", "--dest-tls-verify=false", .. arguments])).Succeeded();

    private async Task<string> DigestAsync(string repository, string reference)
    {
        using var answer = await registry.Host.Anonymous.GetAsync($"v2/{repository}/manifests/{reference}");
        return answer.Headers.GetValues("Docker-Content-Digest").Single();
    }

    private async Task<string?> TypeAsync(string repository, string reference)
    {
        using var answer = await registry.Host.Anonymous.GetAsync($"v2/{repository}/manifests/{reference}");
        return answer.Content.Headers.ContentType?.MediaType;
    }

    /// <summary>An index and all that it names, each against its digest.</summary>
    private async Task PullAsync(string repository, string digest)
    {
        var bytes = await registry.Host.Anonymous.GetByteArrayAsync($"v2/{repository}/manifests/{digest}");
        Assert.Equal(digest, Digest.Of(bytes));
        var manifest = JsonNode.Parse(bytes)!;
        foreach (var image in manifest["manifests"]?.AsArray() ?? [])
            await PullAsync(repository, (string)image!["digest"]!);
        foreach (var blob in (manifest["layers"]?.AsArray() ?? []).Append(manifest["config"]).OfType<JsonNode>().Select(part => (string)part["digest"]!))
            Assert.Equal(blob, Digest.Of(await registry.Host.Anonymous.GetByteArrayAsync($"v2/{repository}/blobs/{blob}")));
    }
}
