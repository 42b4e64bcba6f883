using System.Net;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Manifests that were read stay in memory, and are never older than what a writer was told.</summary>
[Trait("Database", "own")]
public sealed class ManifestCacheTests : IAsyncLifetime
{
    private readonly CommandPause _pause = new();
    private readonly string _repository = ImageHost.NewRepository();
    private ImageHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = new ImageHost { Adjust = _pause.Adjust };
        await _host.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task What_was_read_once_is_read_without_the_database()
    {
        var digest = await _host.PushImageAsync(_repository, "one");
        foreach (var reference in new[] { "one", digest })
            await AssertNamesAsync(digest, reference);
        await TestDatabase.ExecuteAsync(_host.Registry.DataPath, "ALTER TABLE image_manifests RENAME TO gone");
        foreach (var reference in new[] { "one", digest })
        {
            await AssertNamesAsync(digest, reference);
            var head = await _host.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, Path(reference)));
            Assert.Equal(MediaTypes.OciManifest, head.Content.Headers.ContentType!.ToString());
            Assert.Equal("registry/2.0", head.Headers.GetValues("Docker-Distribution-Api-Version").Single());
            Assert.Equal(reference == digest, head.Headers.CacheControl!.ToString().Contains("immutable", StringComparison.Ordinal));
            var known = new HttpRequestMessage(HttpMethod.Get, Path(reference));
            known.Headers.TryAddWithoutValidation("If-None-Match", head.Headers.ETag!.ToString());
            Assert.Equal(HttpStatusCode.NotModified, (await _host.Anonymous.SendAsync(known)).StatusCode);
        }
        Assert.NotEqual(HttpStatusCode.OK, (await _host.Anonymous.GetAsync(Path("other"))).StatusCode);
        await TestDatabase.ExecuteAsync(_host.Registry.DataPath, "ALTER TABLE gone RENAME TO image_manifests");
    }

    [Fact]
    public async Task A_push_a_move_and_a_deletion_are_seen_by_the_next_read()
    {
        var first = await _host.PushImageAsync(_repository, "one", "first");
        await AssertNamesAsync(first, "one");
        var second = await _host.PushImageAsync(_repository, "one", "second");
        await AssertNamesAsync(second, "one");
        await AssertNamesAsync(first, first);
        await _host.Registry.Services.GetRequiredService<RegistryDatabase>().ChangeAsync(
            change => _host.Registry.Services.GetRequiredService<ImageStore>().SetTagAsync(change, _repository, "one", first), CancellationToken.None);
        await AssertNamesAsync(first, "one");
        Assert.Equal(HttpStatusCode.Accepted, (await _host.Admin.DeleteAsync(Path("one"))).StatusCode);
        await AssertGoneAsync("one");
        await AssertNamesAsync(second, second);
        Assert.Equal(HttpStatusCode.Accepted, (await _host.Admin.DeleteAsync(Path(second))).StatusCode);
        await AssertGoneAsync(second);
        await AssertNamesAsync(first, first);
    }

    [Fact]
    public async Task A_read_that_began_before_a_push_does_not_bring_the_old_manifest_back()
    {
        var first = await _host.PushImageAsync(_repository, "one", "first");
        var second = await _host.ManifestAsync(_repository, "second");
        // It has read the first from the tables, and has not kept it yet.
        _pause.ArmAfter("SELECT", "image_manifests", "image_tags");
        var reading = _host.Anonymous.GetAsync(Path("one"));
        await _pause.Reached;
        Assert.Equal(HttpStatusCode.Created, (await _host.PutManifestAsync(_repository, "one", second)).StatusCode);
        _pause.Release();
        Assert.Equal(first, Digest.Of(await (await reading).Content.ReadAsByteArrayAsync()));
        await AssertNamesAsync(Digest.Of(second), "one");
    }

    [Fact]
    public async Task What_is_kept_is_for_those_alone_who_may_pull_it()
    {
        var digest = await _host.PushImageAsync(_repository, "one");
        await AssertNamesAsync(digest, "one");
        await _host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/acme", new { visibility = "private" });
        await ImageHost.AssertErrorAsync(await _host.Anonymous.GetAsync(Path("one")), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        var wrong = new HttpRequestMessage(HttpMethod.Get, Path("one"));
        wrong.Headers.TryAddWithoutValidation("Authorization", "Bearer unknown");
        await ImageHost.AssertErrorAsync(await _host.Anonymous.SendAsync(wrong), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        var own = await _host.Admin.GetAsync(Path("one"));
        Assert.Equal(digest, Digest.Of(await own.Content.ReadAsByteArrayAsync()));
        Assert.True(own.Headers.CacheControl!.Private);
    }

    [Fact]
    public async Task What_is_kept_has_a_bound()
    {
        await using var host = new ImageHost { Settings = new Dictionary<string, string> { ["Images:ManifestCacheBytes"] = "40000" } };
        await host.InitializeAsync();
        var cache = host.Registry.Services.GetRequiredService<ManifestCache>();
        for (var number = 0; number < 20; number++)
        {
            var manifest = await host.ManifestAsync(_repository, more: $",\"annotations\":{{\"text\":\"{number}{new string('x', 5000)}\"}}");
            await host.PutManifestAsync(_repository, $"v{number}", manifest);
            Assert.Equal(manifest, await host.Anonymous.GetByteArrayAsync(Path($"v{number}")));
            Assert.InRange(cache.Bytes, 1, 40000);
        }
    }

    [Fact]
    public async Task A_push_at_one_node_is_seen_at_another_by_its_event()
    {
        await using var server = await PostgresServer.StartAsync("fsync=off");
        var data = Directory.CreateTempSubdirectory("claimed-nodes-").FullName;
        var settings = new Dictionary<string, string> { ["Database:Provider"] = "Postgres", ["Database:ConnectionString"] = await server.CreateDatabaseAsync() };
        await using (var first = await RegistryHost.StartAsync(settings, data))
        await using (var second = await RegistryHost.StartAsync(settings, data))
        {
            foreach (var text in new[] { "one", "two" })
            {
                var manifest = await PushAsync(first, text);
                var serial = first.Services.GetRequiredService<SnapshotFeed>().Current.Serial;
                await second.Services.GetRequiredService<SnapshotFeed>().WaitForAsync(seen => seen.Serial >= serial ? seen : null, TimeSpan.FromMinutes(1), CancellationToken.None);
                Assert.Equal(manifest, await second.Anonymous.GetByteArrayAsync("/v2/acme/node/manifests/one"));
            }
        }
        Directory.Delete(data, recursive: true);
    }

    private static async Task<byte[]> PushAsync(RegistryHost node, string text)
    {
        foreach (var blob in new[] { ImageHost.Config, Encoding.UTF8.GetBytes(text) })
            (await node.Admin.PostAsync($"/v2/acme/node/blobs/uploads/?digest={Digest.Of(blob)}", ImageHost.Bytes(blob))).EnsureSuccessStatusCode();
        var manifest = ImageHost.ImageOf(Encoding.UTF8.GetBytes(text));
        (await node.Admin.PutAsync("/v2/acme/node/manifests/one", ImageHost.Bytes(manifest, MediaTypes.OciManifest))).EnsureSuccessStatusCode();
        return manifest;
    }

    private string Path(string reference) => $"/v2/{_repository}/manifests/{reference}";

    private async Task AssertNamesAsync(string digest, string reference)
    {
        var answer = await _host.Anonymous.GetAsync(Path(reference));
        Assert.Equal(digest, Digest.Of(await answer.Content.ReadAsByteArrayAsync()));
        Assert.Equal(digest, answer.Headers.GetValues("Docker-Content-Digest").Single());
    }

    private async Task AssertGoneAsync(string reference) =>
        await ImageHost.AssertErrorAsync(await _host.Anonymous.GetAsync(Path(reference)), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
}
