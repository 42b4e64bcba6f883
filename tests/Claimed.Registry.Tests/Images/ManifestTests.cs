using System.Net;
using System.Security.Cryptography;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Xunit;

namespace Claimed.Registry.Tests.Images;

public sealed class ManifestTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    [Theory]
    [InlineData("")]
    [InlineData(",\n\t  \"annotations\" : {\"a\\u0062\":\"\\u00e9 é\\/\"}  ")]
    [InlineData(",\"artifactType\":\"a/b\",\"artifactType\":\"a/b\"")]
    public async Task A_manifest_comes_back_with_its_exact_bytes_and_type(string more)
    {
        var manifest = await host.ManifestAsync(_repository, more: more);
        var put = await host.PutManifestAsync(_repository, "one", manifest, MediaTypes.OciManifest + "; charset=utf-8");
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(Digest.Of(manifest), put.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal($"/v2/{_repository}/manifests/{Digest.Of(manifest)}", put.Headers.Location!.OriginalString);
        foreach (var reference in new[] { "one", Digest.Of(manifest) })
        {
            var got = await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/{reference}");
            Assert.Equal(manifest, await got.Content.ReadAsByteArrayAsync());
            Assert.Equal(MediaTypes.OciManifest, got.Content.Headers.ContentType!.ToString());
            Assert.Equal(Digest.Of(manifest), got.Headers.GetValues("Docker-Content-Digest").Single());
            var head = await host.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/{_repository}/manifests/{reference}"));
            Assert.Equal(manifest.Length, head.Content.Headers.ContentLength);
            Assert.Equal(Digest.Of(manifest), head.Headers.GetValues("Docker-Content-Digest").Single());
        }
    }

    [Fact]
    public async Task A_manifest_that_needs_what_the_repository_lacks_is_refused_and_names_it()
    {
        var elsewhere = ImageHost.NewRepository();
        var manifest = await host.ManifestAsync(elsewhere, "only there");
        var put = await host.PutManifestAsync(_repository, "one", manifest);
        await ImageHost.AssertErrorAsync(put, HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
        Assert.Contains(Digest.Of("only there"), await put.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/one"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task A_layer_that_lies_elsewhere_by_its_urls_need_not_be_pushed()
    {
        await host.PushBlobAsync(_repository, ImageHost.Config);
        var manifest = Encoding.UTF8.GetString(ImageHost.ImageOf("foreign"u8.ToArray()))
            .Replace("\"size\":7", "\"size\":7,\"urls\":[\"https://example.org/layer\"]", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(_repository, "one", Encoding.UTF8.GetBytes(manifest))).StatusCode);
    }

    [Fact]
    public async Task An_index_needs_its_manifests_and_protects_them()
    {
        var image = await host.ManifestAsync(_repository);
        var index = Encoding.UTF8.GetBytes(
            $$$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Digest.Of(image)}}}","size":{{{image.Length}}},"platform":{"os":"linux","architecture":"amd64"}}]}""");
        await ImageHost.AssertErrorAsync(await host.PutManifestAsync(_repository, "all", index, MediaTypes.OciIndex), HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
        await host.PutManifestAsync(_repository, Digest.Of(image), image);
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(_repository, "all", index, MediaTypes.OciIndex)).StatusCode);
        await ImageHost.AssertErrorAsync(await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{Digest.Of(image)}"), HttpStatusCode.Conflict, "DENIED");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"schemaVersion\":2")]
    [InlineData("{}")]
    [InlineData("{\"schemaVersion\":1,\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":\"2\",\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":2}")]
    [InlineData("{\"schemaVersion\":2,\"manif\\udfff\\ud800ests\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"config\":{},\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"config\":5,\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":1,\"digest\":\"../../x\"},\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":-1,\"digest\":\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"},\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"\\ud800\",\"size\":1,\"digest\":\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"},\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"layers\":[],\"manifests\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"layers\":{\"0\":1}}")]
    public async Task A_broken_manifest_is_refused(string text)
    {
        var put = await host.PutManifestAsync(_repository, "one", Encoding.UTF8.GetBytes(text));
        await ImageHost.AssertErrorAsync(put, HttpStatusCode.BadRequest, "MANIFEST_INVALID");
    }

    [Fact]
    public async Task Deep_nesting_and_bytes_that_are_no_text_are_refused()
    {
        var deep = Encoding.UTF8.GetBytes("{\"schemaVersion\":2,\"x\":" + new string('[', 100_000));
        await ImageHost.AssertErrorAsync(await host.PutManifestAsync(_repository, "one", deep), HttpStatusCode.BadRequest, "MANIFEST_INVALID");
        await ImageHost.AssertErrorAsync(await host.PutManifestAsync(_repository, "one", [0xff, 0xfe, 0x00]), HttpStatusCode.BadRequest, "MANIFEST_INVALID");
    }

    [Theory]
    [InlineData("application/vnd.docker.distribution.manifest.v1+prettyjws")]
    [InlineData("text/plain")]
    public async Task A_type_that_the_store_does_not_take_is_refused(string type)
    {
        var manifest = await host.ManifestAsync(_repository);
        await ImageHost.AssertErrorAsync(await host.PutManifestAsync(_repository, "one", manifest, type), HttpStatusCode.BadRequest, "MANIFEST_INVALID");
    }

    [Fact]
    public async Task A_manifest_just_within_the_limit_is_taken_and_a_larger_one_is_not()
    {
        var manifest = await host.ManifestAsync(_repository);
        byte[] within = [.. manifest, .. Enumerable.Repeat((byte)' ', 4 * 1024 * 1024 - manifest.Length)];
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(_repository, "one", within)).StatusCode);
        Assert.Equal(within, await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/manifests/one"));
        byte[] above = [.. within, (byte)' '];
        await ImageHost.AssertErrorAsync(await host.PutManifestAsync(_repository, "one", above), HttpStatusCode.RequestEntityTooLarge, "MANIFEST_INVALID");
        var streamed = new HttpRequestMessage(HttpMethod.Put, $"/v2/{_repository}/manifests/one") { Content = ImageHost.Bytes(above, MediaTypes.OciManifest) };
        streamed.Headers.TransferEncodingChunked = true;
        await ImageHost.AssertErrorAsync(await host.Admin.SendAsync(streamed), HttpStatusCode.RequestEntityTooLarge, "MANIFEST_INVALID");
    }

    [Fact]
    public async Task Where_the_limit_is_higher_larger_manifests_are_taken()
    {
        await using var larger = new ImageHost { Settings = new Dictionary<string, string> { ["Images:MaxManifestBytes"] = "6000000" } };
        await larger.InitializeAsync();
        var manifest = await larger.ManifestAsync(_repository);
        byte[] within = [.. manifest, .. Enumerable.Repeat((byte)' ', 6_000_000 - manifest.Length)];
        Assert.Equal(HttpStatusCode.Created, (await larger.PutManifestAsync(_repository, "one", within)).StatusCode);
        Assert.Equal(Digest.Of(within), Digest.Of(await larger.Anonymous.GetByteArrayAsync($"/v2/{_repository}/manifests/one")));
        await ImageHost.AssertErrorAsync(await larger.PutManifestAsync(_repository, "one", [.. within, (byte)' ']), HttpStatusCode.RequestEntityTooLarge, "MANIFEST_INVALID");
    }

    [Fact]
    public async Task A_push_by_digest_must_match_and_may_set_tags()
    {
        var manifest = await host.ManifestAsync(_repository);
        await ImageHost.AssertErrorAsync(await host.PutManifestAsync(_repository, Digest.Of("another"), manifest), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        await ImageHost.AssertErrorAsync(await host.PutManifestAsync(_repository, Digest.Of(manifest) + "?" + string.Join('&', Enumerable.Range(0, 51).Select(number => $"tag=t{number}")), manifest),
            HttpStatusCode.BadRequest, "TAG_INVALID");
        var put = await host.PutManifestAsync(_repository, Digest.Of(manifest) + "?tag=a&tag=b", manifest);
        Assert.Equal(["a", "b"], put.Headers.GetValues("OCI-Tag").SelectMany(value => value.Split(", ")));
        Assert.Equal(manifest, await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/manifests/b"));
    }

    [Fact]
    public async Task A_manifest_by_sha512_keeps_that_digest()
    {
        var manifest = await host.ManifestAsync(_repository);
        var digest = "sha512:" + Convert.ToHexStringLower(SHA512.HashData(manifest));
        await host.PutManifestAsync(_repository, digest, manifest);
        var got = await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/{digest}");
        Assert.Equal(digest, got.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal(manifest, await got.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Deleting_a_tag_keeps_the_manifest_and_deleting_the_manifest_takes_its_tags()
    {
        var digest = await host.PushImageAsync(_repository, "one");
        await host.PushImageAsync(_repository, "two");
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/one")).StatusCode);
        await ImageHost.AssertErrorAsync(await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/one"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        Assert.Equal(HttpStatusCode.OK, (await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/{digest}")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{digest}")).StatusCode);
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/two"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        Assert.Equal($$"""{"name":"{{_repository}}","tags":[]}""", await host.Anonymous.GetStringAsync($"/v2/{_repository}/tags/list"));
    }

    [Fact]
    public async Task A_tag_that_four_write_and_four_read_is_always_one_whole_manifest()
    {
        var manifests = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => host.ManifestAsync(_repository, $"layer {number}")));
        await host.PutManifestAsync(_repository, "moving", manifests[0]);
        var writers = manifests.Select(manifest => Task.Run(async () =>
        {
            for (var round = 0; round < 10; round++)
                Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(_repository, "moving", manifest)).StatusCode);
        }));
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var round = 0; round < 25; round++)
            {
                var got = await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/moving");
                Assert.Equal(got.Headers.GetValues("Docker-Content-Digest").Single(), Digest.Of(await got.Content.ReadAsByteArrayAsync()));
            }
        }));
        await Task.WhenAll(writers.Concat(readers));
    }

    [Fact]
    public async Task Pushing_and_deleting_at_once_never_fails_and_the_last_push_wins()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            for (var round = 0; round < 8; round++)
            {
                var digest = await host.PushImageAsync(_repository, "moving", $"layer {number}");
                Assert.Contains((await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{digest}")).StatusCode, new[] { HttpStatusCode.Accepted, HttpStatusCode.NotFound });
            }
        })));
        var last = await host.PushImageAsync(_repository, "moving", "last");
        var got = await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/moving");
        Assert.Equal(last, got.Headers.GetValues("Docker-Content-Digest").Single());
    }

    [Fact]
    public async Task Referrers_are_listed_with_type_and_annotations_filtered_and_removed()
    {
        var subject = Digest.Of("pushed later or never");
        var empty = await host.Anonymous.GetAsync($"/v2/{_repository}/referrers/{subject}");
        Assert.Equal(MediaTypes.OciIndex, empty.Content.Headers.ContentType!.MediaType);
        Assert.Equal($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[]}""", await empty.Content.ReadAsStringAsync());

        var points = $",\"subject\":{{\"mediaType\":\"{MediaTypes.OciManifest}\",\"digest\":\"{subject}\",\"size\":1}}";
        var signature = await host.ManifestAsync(_repository, more: points + ",\"artifactType\":\"x/signature\",\"annotations\":{\"by\":\"me\"}");
        var put = await host.PutManifestAsync(_repository, Digest.Of(signature), signature);
        Assert.Equal(subject, put.Headers.GetValues("OCI-Subject").Single());
        var plain = await host.ManifestAsync(_repository, more: points);
        await host.PutManifestAsync(_repository, Digest.Of(plain), plain);

        var all = await host.Anonymous.GetStringAsync($"/v2/{_repository}/referrers/{subject}");
        Assert.Contains($$$"""{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Digest.Of(signature)}}}","size":{{{signature.Length}}},"artifactType":"x/signature","annotations":{"by":"me"}}""", all, StringComparison.Ordinal);
        Assert.Contains("\"artifactType\":\"application/vnd.oci.image.config.v1+json\"", all, StringComparison.Ordinal);
        var filtered = await host.Anonymous.GetAsync($"/v2/{_repository}/referrers/{subject}?artifactType=x/signature");
        Assert.Equal("artifactType", filtered.Headers.GetValues("OCI-Filters-Applied").Single());
        Assert.DoesNotContain(Digest.Of(plain), await filtered.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{Digest.Of(signature)}");
        Assert.DoesNotContain(Digest.Of(signature), await host.Anonymous.GetStringAsync($"/v2/{_repository}/referrers/{subject}"), StringComparison.Ordinal);
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync($"/v2/{_repository}/referrers/sha256:no"), HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }
}
