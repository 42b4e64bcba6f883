using System.Net;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Mirrors;

/// <summary>A registry that follows another one has what it has, byte for byte by digest, and forms that name itself.</summary>
public sealed class MirrorTests : IAsyncLifetime
{
    private const string Pipeline = """
        # PIPELINE DEFINITION
        components: {}
        deploymentSpec: {executors: {}}
        pipelineInfo: {name: say-all, description: All at once}
        root: {dag: {tasks: {one: {componentRef: {name: comp-one}}}}}
        schemaVersion: 2.1.0
        sdkVersion: kfp-2.14.3

        """;

    private readonly MirrorPair _pair = new();

    public ValueTask InitializeAsync() => _pair.InitializeAsync();

    public ValueTask DisposeAsync() => _pair.DisposeAsync();

    [Fact]
    public async Task The_first_run_copies_the_whole_catalog_and_the_second_does_nothing()
    {
        var image = await _pair.PublishWithImageAsync("greet", "1.0.0", "one", ("category", "Talk"), ("tags", "a,b"), ("channel", "stable"), ("message", "Why"));
        await _pair.PublishWithImageAsync("greet", "1.1.0", "two");
        await _pair.PublishWithImageAsync("greet", "2.0.0-rc.1", "three", ("expires", "14d"));
        await _pair.Origin.PublishReadyAsync("acme", "outside", "1.0.0");
        await _pair.Origin.PublishReadyAsync("acme", "gone", "1.0.0");
        await _pair.Origin.PatchAsync("acme/gone/versions/1.0.0", """{"yanked": true, "reason": "Wrong"}""");
        await _pair.Origin.PatchAsync("acme/greet/versions/1.0.0", """{"deprecated": true, "successor": "1.1.0"}""");
        await _pair.Origin.PublishAsync("acme", "waits", "1.0.0", ("step.py", Samples.Script()));
        var pipeline = await _pair.Origin.PublishAsync("acme", "say-all", "1.0.0", ("pipeline.yaml", Pipeline));
        Assert.True(pipeline.Status == HttpStatusCode.Created, pipeline.Text);

        // Those that lists leave out, too; the one that has to be built waits.
        var first = await _pair.OnceAsync();
        first.AssertDid(copied: 6, changed: 1);
        Assert.Contains(first.Said, line => line.StartsWith("acme/greet 1.0.0: copied, ", StringComparison.Ordinal));
        foreach (var (component, version) in new[] { ("acme/greet", "1.0.0"), ("acme/greet", "1.1.0"), ("acme/greet", "2.0.0-rc.1"), ("acme/outside", "1.0.0"), ("acme/gone", "1.0.0"), ("acme/say-all", "1.0.0") })
        {
            await _pair.AssertSameByDigestAsync(component, version);
            var (there, here) = (await _pair.Origin.ComponentAsync($"{component}/versions/{version}"), await _pair.Copy.ComponentAsync($"{component}/versions/{version}"));
            foreach (var member in new[] { "kind", "state", "bundleDigest", "definitionDigest", "imageDigest", "displayName", "description", "category", "tags", "inputs", "outputs", "findings", "verdicts",
                "yanked", "yankReason", "deprecated", "successor", "message", "createdAt", "readyAt", "expiresAt" })
                Assert.Equal(there[member], here[member]);
            var (one, other) = (await _pair.Origin.ComponentAsync(component), await _pair.Copy.ComponentAsync(component));
            foreach (var member in new[] { "kind", "displayName", "description", "category", "tags", "version", "channels" })
                Assert.Equal(one[member], other[member]);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await _pair.Copy.ComponentAsync("acme/waits")).Status);
        Assert.Equal("""{"latest":"1.1.0","stable":"1.0.0"}""", (await _pair.Copy.ComponentAsync("acme/greet"))["channels"]);

        // What clients get under the number names this registry, and the image lies in it.
        var version1 = await _pair.Copy.ComponentAsync("acme/greet/versions/1.0.0");
        Assert.Equal($"{MirrorPair.CopyHost}/acme/greet@{image}", version1["image"]);
        foreach (var form in new[] { "component.yaml", "elyra.yaml", "operator.py" })
            Assert.Contains($"{MirrorPair.CopyHost}/acme/greet@{image}", (await _pair.Copy.ComponentAsync($"acme/greet/versions/1.0.0/{form}")).Text, StringComparison.Ordinal);
        Assert.Contains($"https://{MirrorPair.CopyHost}/api/v1/components/acme/outside/versions/1.0.0", (await _pair.Copy.ComponentAsync("acme/outside/versions/1.0.0/elyra.yaml")).Text, StringComparison.Ordinal);
        Assert.Contains(Samples.Image, (await _pair.Copy.ComponentAsync("acme/outside/versions/1.0.0/component.yaml")).Text, StringComparison.Ordinal);
        foreach (var reference in new[] { image, "1.0.0", "stable" })
            Assert.Equal(image, Digest.Of(await _pair.Copy.Anonymous.GetByteArrayAsync($"/v2/acme/greet/manifests/{reference}", TestContext.Current.CancellationToken)));
        var layer = Encoding.UTF8.GetBytes("layer greet one");
        Assert.Equal(layer, await _pair.Copy.Anonymous.GetByteArrayAsync($"/v2/acme/greet/blobs/{Digest.Of(layer)}", TestContext.Current.CancellationToken));
        Assert.Equal(["1.0.0", "1.1.0", "2.0.0-rc.1", "latest", "stable"], await _pair.Copy.TagsAsync("acme/greet"));

        var before = await _pair.Copy.EventsAsync();
        Assert.Equal(6, before.Count(entry => entry.GetProperty("kind").GetString() == "version.ready"));
        (await _pair.OnceAsync()).AssertDid(copied: 0, changed: 0);
        Assert.Equal(before.Count, (await _pair.Copy.EventsAsync()).Count);
    }

    [Fact]
    public async Task What_happens_at_the_origin_is_followed()
    {
        await _pair.PublishWithImageAsync("greet", "1.0.0", "one", ("channel", "stable,old"));
        await _pair.PublishWithImageAsync("greet", "1.1.0", "two");
        (await _pair.OnceAsync()).AssertDid(copied: 2, changed: 2);

        await _pair.PublishWithImageAsync("greet", "1.2.0", "three");
        await _pair.Origin.PatchAsync("acme/greet", """{"description": "Said otherwise.", "category": "Talk"}""");
        await _pair.Origin.PatchAsync("acme/greet/versions/1.2.0", """{"yanked": true, "reason": "Wrong"}""");
        await _pair.Origin.PatchAsync("acme/greet/versions/1.0.0", """{"deprecated": true}""");
        await _pair.Origin.SetChannelAsync("acme/greet", "stable", "1.1.0");
        await _pair.Origin.DeleteChannelAsync("acme/greet", "old");
        // A channel of this registry's own is nobody's business there.
        await _pair.Copy.SetChannelAsync("acme/greet", "ours", "1.0.0");
        // What the new version says comes with it.
        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 3);
        var here = await _pair.Copy.ComponentAsync("acme/greet");
        Assert.Equal(("Said otherwise.", "Talk", """{"latest":"1.1.0","ours":"1.0.0","stable":"1.1.0"}"""), (here["description"], here["category"], here["channels"]));
        var yanked = await _pair.Copy.ComponentAsync("acme/greet/versions/1.2.0");
        Assert.Equal(("true", "Wrong"), (yanked["yanked"], yanked["yankReason"]));
        Assert.Equal(["1.0.0", "1.1.0", "1.2.0", "latest", "ours", "stable"], await _pair.Copy.TagsAsync("acme/greet"));
        var kinds = await _pair.Copy.EventKindsAsync("acme/greet");
        foreach (var kind in new[] { "version.published", "version.ready", "version.yanked", "version.deprecated", "channel.moved", "channel.deleted" })
            Assert.Contains(kind, kinds);

        await _pair.Origin.PatchAsync("acme/greet/versions/1.2.0", """{"yanked": false}""");
        (await _pair.OnceAsync()).AssertDid(copied: 0, changed: 1);
        Assert.Equal("1.2.0", (await _pair.Copy.ComponentAsync("acme/greet"))["version"]);

        var purged = await _pair.Origin.Admin.SendAsync(HttpMethod.Post, "/api/v1/components/acme/greet/versions/1.2.0/purge", Changes.Json("""{"reason": "It held a key."}"""));
        Assert.InRange((int)purged.Status, 200, 202);
        (await _pair.OnceAsync()).AssertDid(copied: 0, changed: 1);
        var gone = await _pair.Copy.ComponentAsync("acme/greet/versions/1.2.0");
        Assert.Equal(HttpStatusCode.Gone, gone.Status);
        Assert.Contains("It held a key.", gone.Text, StringComparison.Ordinal);
        (await _pair.OnceAsync()).AssertDid(copied: 0, changed: 0);
    }

    [Fact]
    public async Task A_version_that_a_KFP_client_withdrew_is_withdrawn_here()
    {
        await _pair.Origin.PublishReadyAsync("acme", "say-it", "0.1.0");
        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 0);
        Assert.Equal(HttpStatusCode.OK, (await _pair.Origin.Admin.SendAsync(HttpMethod.Delete, "/catalogs/kfp/acme/packages/say-it")).Status);
        (await _pair.OnceAsync()).AssertDid(copied: 0, changed: 1);
        var here = await _pair.Copy.ComponentAsync("acme/say-it/versions/0.1.0");
        Assert.Equal(("true", "true"), (here["yanked"], here["withdrawn"]));
        Assert.Equal(HttpStatusCode.NotFound, (await _pair.Copy.GetAsync("/catalogs/kfp/acme/packages/say-it")).Status);
    }

    [Fact]
    public async Task What_the_origin_rendered_anew_is_here_by_its_digest_and_this_registrys_own_stays_the_newest()
    {
        await _pair.Origin.PublishReadyAsync("acme", "greet", "1.0.0");
        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 0);
        var own = (await _pair.Copy.ComponentAsync("acme/greet/versions/1.0.0/elyra.yaml")).Text;
        await TestDatabase.ExecuteAsync(_pair.Origin.DataPath, """UPDATE renditions SET "Digest" = (SELECT "Digest" FROM renditions WHERE "Form" = 'operator.py'), "Size" = (SELECT "Size" FROM renditions WHERE "Form" = 'operator.py') WHERE "Form" = 'elyra.yaml'""");
        (await Words.WordRun.RunAsync(_pair.Origin.DataPath, "rerender")).Succeeded();
        await _pair.Origin.UntilAsync("/api/v1/components/acme/greet/record.json", answer => answer.Text.Contains("\"revision\":2", StringComparison.Ordinal));
        (await _pair.OnceAsync()).AssertDid(copied: 0, changed: 1);
        await _pair.AssertSameByDigestAsync("acme/greet", "1.0.0");
        Assert.Equal(own, (await _pair.Copy.ComponentAsync("acme/greet/versions/1.0.0/elyra.yaml")).Text);
        (await _pair.OnceAsync()).AssertDid(copied: 0, changed: 0);
    }

    [Fact]
    public async Task A_number_that_is_taken_here_by_other_content_is_told_and_stays()
    {
        await _pair.Copy.PublishReadyAsync("acme", "greet", "1.0.0", "ours");
        await _pair.Copy.SetChannelAsync("acme/greet", "ours", "1.0.0");
        await _pair.PublishWithImageAsync("greet", "1.0.0", "theirs");
        await _pair.PublishWithImageAsync("greet", "1.1.0", "more");
        var ours = (await _pair.Copy.ComponentAsync("acme/greet/versions/1.0.0"))["bundleDigest"];
        for (var run = 0; run < 2; run++)
        {
            var once = await _pair.OnceAsync();
            once.AssertDid(copied: run == 0 ? 1 : 0, changed: 0, refused: 1);
            var told = Assert.Single(once.Refused);
            Assert.StartsWith("acme/greet 1.0.0 is not copied: the number is taken here by other content", told, StringComparison.Ordinal);
            Assert.Contains((await _pair.Origin.ComponentAsync("acme/greet/versions/1.0.0"))["bundleDigest"]!, told, StringComparison.Ordinal);
        }
        var now = await _pair.Copy.ComponentAsync("acme/greet/versions/1.0.0");
        Assert.Equal(ours, now["bundleDigest"]);
        Assert.Contains("ours", (await _pair.Copy.ComponentAsync("acme/greet/versions/1.0.0/original.yaml")).Text, StringComparison.Ordinal);
        Assert.Equal("ready", (await _pair.Copy.ComponentAsync("acme/greet/versions/1.1.0"))["state"]);
        Assert.Equal("1.0.0", (await _pair.Copy.ComponentAsync("acme/greet/channels/ours"))["version"]);
    }

    [Fact]
    public async Task A_layer_that_is_damaged_at_the_origin_refuses_its_version_and_nothing_else()
    {
        await _pair.PublishWithImageAsync("broken", "1.0.0", "one");
        await _pair.PublishWithImageAsync("whole", "1.0.0", "two");
        var layer = Encoding.UTF8.GetBytes("layer broken one");
        var file = Path.Combine(_pair.Origin.DataPath, "blobs", "sha256", Digest.Of(layer)[7..9], Digest.Of(layer)[7..]);
        layer[3] ^= 1;
        await File.WriteAllBytesAsync(file, layer, TestContext.Current.CancellationToken);
        var once = await _pair.OnceAsync();
        once.AssertDid(copied: 1, changed: 0, refused: 1);
        var told = Assert.Single(once.Refused);
        Assert.StartsWith("acme/broken 1.0.0 is not copied", told, StringComparison.Ordinal);
        Assert.Contains(Digest.Of(layer), told, StringComparison.Ordinal);
        layer[3] ^= 1;
        Assert.Contains(Digest.Of(layer), told, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _pair.Copy.ComponentAsync("acme/broken")).Status);
        Assert.Equal("ready", (await _pair.Copy.ComponentAsync("acme/whole/versions/1.0.0"))["state"]);

        // Mended, it comes with the next run, which tries again what could not be done.
        await File.WriteAllBytesAsync(file, layer, TestContext.Current.CancellationToken);
        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 0);
        await _pair.AssertSameByDigestAsync("acme/broken", "1.0.0");
    }

    [Fact]
    public async Task An_image_of_several_platforms_comes_with_all_of_them()
    {
        string[] platforms = ["amd64", "arm64"];
        var manifests = new List<byte[]>();
        foreach (var platform in platforms)
        {
            manifests.Add(await _pair.Images.ManifestAsync("acme/both", $"layer {platform}"));
            Assert.Equal(HttpStatusCode.Created, (await _pair.Images.PutManifestAsync("acme/both", Digest.Of(manifests[^1]), manifests[^1])).StatusCode);
        }
        var index = ImageHost.IndexOf(manifests.Zip(platforms, (bytes, platform) => ImageHost.EntryOf(bytes, $$""","platform":{"os":"linux","architecture":"{{platform}}"}""")));
        Assert.Equal(HttpStatusCode.Created, (await _pair.Images.PutManifestAsync("acme/both", "both", index, MediaTypes.OciIndex)).StatusCode);
        var published = await _pair.Origin.PublishAsync("acme", "both", "1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage("one", $"{MirrorPair.OriginHost}/acme/both@{Digest.Of(index)}")));
        Assert.True(published.Status == HttpStatusCode.Created, published.Text);

        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 0);
        foreach (var bytes in manifests.Append(index))
            Assert.Equal(bytes, await _pair.Copy.Anonymous.GetByteArrayAsync($"/v2/acme/both/manifests/{Digest.Of(bytes)}", TestContext.Current.CancellationToken));
        foreach (var layer in platforms.Select(platform => Encoding.UTF8.GetBytes($"layer {platform}")))
            Assert.Equal(layer, await _pair.Copy.Anonymous.GetByteArrayAsync($"/v2/acme/both/blobs/{Digest.Of(layer)}", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_feed_that_does_not_go_on_where_it_was_left_has_the_whole_catalog_read_again()
    {
        await _pair.PublishWithImageAsync("greet", "1.0.0", "one");
        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 0);
        await _pair.PublishWithImageAsync("greet", "1.1.0", "two");
        // As if it had been another registry with more events, and one whose events at that place were others.
        foreach (var forget in new[] { "\"Serial\" = 100000", "\"Mark\" = '3 sha256:0'" })
        {
            await TestDatabase.ExecuteAsync(_pair.Copy.DataPath, $"UPDATE mirrors SET {forget}");
            var again = await _pair.OnceAsync();
            Assert.Contains("does not have the events", again.Said[0], StringComparison.Ordinal);
        }
        Assert.Equal("ready", (await _pair.Copy.ComponentAsync("acme/greet/versions/1.1.0"))["state"]);
        var quiet = await _pair.OnceAsync();
        quiet.AssertDid(copied: 0, changed: 0);
        Assert.Empty(quiet.Said);
    }
}
