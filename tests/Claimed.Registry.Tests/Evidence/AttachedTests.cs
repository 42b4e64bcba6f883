using System.Net;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Evidence;

/// <summary>What lies beside an image stays exactly as long as the image.</summary>
public sealed class AttachedTests : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private readonly EvidenceRegistry _registry;

    public AttachedTests() => _registry = new EvidenceRegistry { Adjust = builder => builder.Services.AddSingleton<TimeProvider>(_clock) };

    private RegistryHost Host => _registry.Host;

    public ValueTask InitializeAsync() => _registry.InitializeAsync();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task Provenance_and_contents_are_referrers_of_the_image_and_lie_where_cosign_looks()
    {
        var image = await ImageAsync("beside/found");
        var referrers = await Host.GetAsync($"/v2/beside/found/referrers/{image}");
        var manifests = referrers.Json.GetProperty("manifests").EnumerateArray().ToDictionary(one => one.GetProperty("artifactType").GetString()!);
        Assert.Equal(["application/vnd.in-toto.provenance+dsse", "application/vnd.in-toto.spdx+dsse"], manifests.Keys.Order(StringComparer.Ordinal));
        foreach (var (type, form) in new[] { ("provenance", "provenance.json"), ("spdx", "contents.json") })
        {
            var manifest = await Host.GetAsync($"/v2/beside/found/manifests/{manifests[$"application/vnd.in-toto.{type}+dsse"].GetProperty("digest").GetString()}");
            var layer = Assert.Single(manifest.Json.GetProperty("layers").EnumerateArray());
            Assert.Equal(image, manifest["subject.digest"]);
            Assert.Equal((await Host.ComponentAsync($"beside/found/versions/1.0.0/{form}")).Bytes, (await Host.GetAsync($"/v2/beside/found/blobs/{layer.GetProperty("digest").GetString()}")).Bytes);
        }
        var attested = await Host.GetAsync($"/v2/beside/found/manifests/{Tag(image, ".att")}");
        Assert.Equal(["https://slsa.dev/provenance/v1", "https://spdx.dev/Document"],
            attested.Json.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("annotations").GetProperty("predicateType").GetString()));
        var signed = await Host.GetAsync($"/v2/beside/found/manifests/{Tag(image, ".sig")}");
        var payload = await Host.GetAsync($"/v2/beside/found/blobs/{signed.Json.GetProperty("layers")[0].GetProperty("digest").GetString()}");
        Assert.Contains($"\"docker-manifest-digest\":\"{image}\"", payload.Text, StringComparison.Ordinal);
        var shown = await Host.GetAsync($"/api/v1/images/beside/found/manifests/{image}");
        Assert.Contains("sbom", shown.Text, StringComparison.Ordinal);
        await Host.AssertCountedAsync("beside");
    }

    [Fact]
    public async Task A_quota_that_the_image_fills_refuses_none_of_it()
    {
        await Host.CreateNamespaceAsync("beside");
        _registry.Adding = () => Host.Admin.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/beside", Changes.Json("""{"quota": {"bytes": 1}}""")).GetAwaiter().GetResult();
        var image = await ImageAsync("beside/full");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("beside/full", Tag(image, ".att")));
        await Host.AssertCountedAsync("beside");
    }

    [Fact]
    public async Task Nobody_takes_it_away_while_its_version_is_there()
    {
        var image = await ImageAsync("beside/kept");
        var att = await DigestAsync("beside/kept", Tag(image, ".att"));
        var referrer = (await Host.GetAsync($"/v2/beside/kept/referrers/{image}")).Json.GetProperty("manifests")[0].GetProperty("digest").GetString()!;
        foreach (var reference in new[] { Tag(image, ".att"), Tag(image, ".sig"), att, referrer })
            await ImageHost.AssertErrorAsync(await Host.Admin.DeleteAsync($"/v2/beside/kept/manifests/{reference}"), HttpStatusCode.Conflict, "DENIED");
        await Host.Admin.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/beside", Changes.Json("""{"retention": [{"keepLast": 1}, {"tags": "sha256-*", "keepFor": "1d"}]}"""));
        await _clock.PassAsync(TimeSpan.FromDays(30), Host);
        await CollectAsync();
        await CollectAsync();
        foreach (var reference in new[] { Tag(image, ".att"), Tag(image, ".sig"), att, referrer, image })
            Assert.Equal(HttpStatusCode.OK, await StatusAsync("beside/kept", reference));
    }

    [Fact]
    public async Task What_others_attest_is_laid_beside_ours()
    {
        var image = await ImageAsync("beside/others");
        await AttestAsync("beside/others", image);
        Assert.Equal(3, (await Host.GetAsync($"/v2/beside/others/manifests/{Tag(image, ".att")}")).Json.GetProperty("layers").GetArrayLength());
        await ImageHost.AssertErrorAsync(await Host.Admin.PutAsync($"/v2/beside/others/manifests/{Tag(image, ".att")}", ImageHost.Bytes((await Host.GetAsync($"/v2/beside/others/manifests/{image}")).Bytes, MediaTypes.OciManifest)),
            HttpStatusCode.Conflict, "DENIED");
    }

    [Fact]
    public async Task Of_two_versions_with_one_image_a_purge_takes_what_was_said_of_one_and_leaves_the_other()
    {
        var layer = LayerSamples.Gzip(LayerSamples.Python("same", "1.0"));
        var image = (await _registry.BuildAsync("beside/twice", "1.0.0", layer))["imageDigest"]!;
        Assert.Equal(image, (await _registry.BuildAsync("beside/twice", "2.0.0", layer))["imageDigest"]);
        Assert.Equal(4, (await Host.GetAsync($"/v2/beside/twice/manifests/{Tag(image, ".att")}")).Json.GetProperty("layers").GetArrayLength());
        var envelopes = new List<string>();
        foreach (var version in new[] { "1.0.0", "2.0.0" })
            envelopes.Add((await Host.ComponentAsync($"beside/twice/versions/{version}/provenance.json")).ETag!.Trim('"'));
        _clock.Shift += TimeSpan.FromSeconds(15);
        Assert.Equal(HttpStatusCode.OK, (await Host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/beside/twice/versions/1.0.0/purge", new { reason = "test" })).Status);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("beside/twice", image));
        Assert.Equal(2, (await Host.GetAsync($"/v2/beside/twice/referrers/{image}")).Json.GetProperty("manifests").GetArrayLength());
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), ((await Host.GetAsync($"/v2/beside/twice/blobs/{envelopes[0]}")).Status, (await Host.GetAsync($"/v2/beside/twice/blobs/{envelopes[1]}")).Status));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(Host.DataPath, "blobs"), "*", SearchOption.AllDirectories), file => Path.GetFileName(file) == envelopes[0][7..]);
        await Host.AssertCountedAsync("beside");
    }

    [Fact]
    public async Task What_others_attest_and_what_is_said_of_the_other_version_stay_where_cosign_looks_until_that_is_purged_too()
    {
        var layer = LayerSamples.Gzip(LayerSamples.Python("same", "1.0"));
        var image = (await _registry.BuildAsync("beside/shared", "1.0.0", layer))["imageDigest"]!;
        await _registry.BuildAsync("beside/shared", "2.0.0", layer);
        var blob = await AttestAsync("beside/shared", image);
        var kept = new List<string> { blob };
        foreach (var form in new[] { "provenance.json", "contents.json" })
            kept.Add((await Host.ComponentAsync($"beside/shared/versions/2.0.0/{form}")).ETag!.Trim('"'));
        _clock.Shift += TimeSpan.FromSeconds(15);

        Assert.Equal(HttpStatusCode.OK, (await PurgeAsync("beside/shared", "1.0.0")).Status);
        var attested = await Host.GetAsync($"/v2/beside/shared/manifests/{Tag(image, ".att")}");
        Assert.Equal(HttpStatusCode.OK, attested.Status);
        Assert.Equal(kept.Order(StringComparer.Ordinal), attested.Json.GetProperty("layers").EnumerateArray().Select(one => one.GetProperty("digest").GetString()!).Order(StringComparer.Ordinal));
        foreach (var digest in kept.Append(attested["config.digest"]!))
            Assert.Equal(HttpStatusCode.OK, (await Host.GetAsync($"/v2/beside/shared/blobs/{digest}")).Status);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("beside/shared", Tag(image, ".sig")));
        await _clock.PassAsync(TimeSpan.FromDays(30), Host);
        await CollectAsync();
        await CollectAsync();
        Assert.Equal(attested.Text, (await Host.GetAsync($"/v2/beside/shared/manifests/{Tag(image, ".att")}")).Text);
        await Host.AssertCountedAsync("beside");

        Assert.Equal(HttpStatusCode.OK, (await PurgeAsync("beside/shared", "2.0.0")).Status);
        Assert.Equal("""{"name":"beside/shared","tags":[]}""", (await Host.GetAsync("/v2/beside/shared/tags/list")).Text);
        await Host.AssertCountedAsync("beside");
    }

    [Fact]
    public async Task A_purge_takes_it_and_its_bytes()
    {
        var image = await ImageAsync("beside/purged");
        var envelope = (await Host.ComponentAsync("beside/purged/versions/1.0.0/provenance.json")).ETag!.Trim('"');
        var att = await DigestAsync("beside/purged", Tag(image, ".att"));
        _clock.Shift += TimeSpan.FromSeconds(15);
        Assert.Equal(HttpStatusCode.OK, (await Host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/components/beside/purged/versions/1.0.0/purge", new { reason = "test" })).Status);
        foreach (var reference in new[] { Tag(image, ".att"), Tag(image, ".sig"), att, image })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("beside/purged", reference));
        Assert.Equal("""{"name":"beside/purged","tags":[]}""", (await Host.GetAsync("/v2/beside/purged/tags/list")).Text);
        Assert.Empty((await Host.GetAsync($"/v2/beside/purged/referrers/{image}")).Json.GetProperty("manifests").EnumerateArray());
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(Host.DataPath, "blobs"), "*", SearchOption.AllDirectories), file => Path.GetFileName(file) == envelope[7..] || Path.GetFileName(file) == att[7..]);
        await Host.AssertCountedAsync("beside");
    }

    [Fact]
    public async Task An_image_that_expires_takes_it_along_with_the_collections_that_follow()
    {
        var published = await Host.PublishAsync("beside", "expiring", "1.0.0-pr.1", new Multipart().Source("step.py", Samples.Script("expiring")).Field("expires", "1h"));
        Assert.Equal(HttpStatusCode.Created, published.Status);
        var image = (await Host.UntilAsync("/api/v1/components/beside/expiring/versions/1.0.0-pr.1", answer => answer["state"] is "ready" or "failed"))["imageDigest"]!;
        var att = await DigestAsync("beside/expiring", Tag(image, ".att"));
        await _clock.PassAsync(TimeSpan.FromHours(2), Host);
        await CollectAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("beside/expiring", Tag(image, ".att")));
        await _clock.PassAsync(TimeSpan.FromHours(2), Host);
        await CollectAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("beside/expiring", att));
        Assert.Equal("0", (await Host.GetAsync("/api/v1/images/beside/expiring"))["manifests"] ?? "0");
        await Host.AssertCountedAsync("beside");
    }

    [Fact]
    public async Task A_signature_that_somebody_lays_beside_an_image_of_their_own_goes_with_it()
    {
        await Host.CreateNamespaceAsync("beside");
        var image = await PushAsync("beside/plain", "edge", "an image");
        await PushAsync("beside/plain", Tag(image, ".sig"), "a signature");
        await CollectAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("beside/plain", Tag(image, ".sig")));
        Assert.Equal(HttpStatusCode.Accepted, (await Host.Admin.DeleteAsync($"/v2/beside/plain/manifests/{image}")).StatusCode);
        Assert.Equal("""{"name":"beside/plain","tags":[]}""", (await Host.GetAsync("/v2/beside/plain/tags/list")).Text);
    }

    /// <summary>As cosign does: what is there, and one more.</summary>
    private async Task<string> AttestAsync(string repository, string image)
    {
        var ours = await Host.GetAsync($"/v2/{repository}/manifests/{Tag(image, ".att")}");
        var blob = "{\"payload\":\"e30=\"}"u8.ToArray();
        await Host.Admin.SendAsync(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/?digest={Digest.Of(blob)}", ImageHost.Bytes(blob));
        var text = ours.Text.Replace("\"layers\":[", $$"""
            "layers":[{"mediaType":"application/vnd.dsse.envelope.v1+json","digest":"{{Digest.Of(blob)}}","size":{{blob.Length}}},
            """, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await Host.Admin.PutAsync($"/v2/{repository}/manifests/{Tag(image, ".att")}", ImageHost.Bytes(Encoding.UTF8.GetBytes(text), MediaTypes.OciManifest))).StatusCode);
        return Digest.Of(blob);
    }

    private Task<Answer> PurgeAsync(string component, string version) =>
        Host.Admin.JsonAsync(HttpMethod.Post, $"/api/v1/components/{component}/versions/{version}/purge", new { reason = "test" });

    private async Task<string> PushAsync(string repository, string tag, string content)
    {
        var layer = Encoding.UTF8.GetBytes(content);
        foreach (var blob in new[] { layer, ImageHost.Config })
            await Host.Admin.PostAsync($"/v2/{repository}/blobs/uploads/?digest={Digest.Of(blob)}", ImageHost.Bytes(blob));
        var manifest = ImageHost.ImageOf(layer);
        Assert.Equal(HttpStatusCode.Created, (await Host.Admin.PutAsync($"/v2/{repository}/manifests/{tag}", ImageHost.Bytes(manifest, MediaTypes.OciManifest))).StatusCode);
        return Digest.Of(manifest);
    }

    private async Task<string> ImageAsync(string component) => (await _registry.BuildAsync(component, "1.0.0"))["imageDigest"]!;

    private async Task<HttpStatusCode> StatusAsync(string repository, string reference) => (await Host.GetAsync($"/v2/{repository}/manifests/{reference}")).Status;

    private async Task<string> DigestAsync(string repository, string tag) => (await Host.GetAsync($"/v2/{repository}/manifests/{tag}")).Message.Headers.GetValues("Docker-Content-Digest").Single();

    private Task CollectAsync() => Host.Services.GetRequiredService<GarbageCollection>().RunAsync(TimeSpan.FromMinutes(1), countOnly: false, CancellationToken.None);

    private static string Tag(string image, string kind) => image.Replace(':', '-') + kind;
}
