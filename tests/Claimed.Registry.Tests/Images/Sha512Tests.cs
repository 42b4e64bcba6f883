using System.Net;
using System.Security.Cryptography;
using System.Text;
using Claimed.Registry.Images;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Everything that goes by sha256 goes by sha512, too, and each is answered in the algorithm that was asked for.</summary>
[Trait("Database", "any")]
public sealed class Sha512Tests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    [Theory]
    [InlineData("whole")]
    [InlineData("chunks")]
    [InlineData("put")]
    public async Task A_blob_is_pushed_read_mounted_and_deleted_by_sha512(string how)
    {
        var content = Encoding.UTF8.GetBytes($"content of {_repository}");
        var digest = Sha512(content);
        var start = $"/v2/{_repository}/blobs/uploads/?digest-algorithm=sha512";
        HttpResponseMessage stored;
        if (how == "whole")
        {
            stored = await host.Admin.PostAsync($"{start}&digest={digest}", ImageHost.Bytes(content));
        }
        else
        {
            var begun = await host.Admin.PostAsync(start, null);
            Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
            var url = begun.Headers.Location!.OriginalString;
            var sent = how == "put" ? 0 : 5;
            if (sent > 0)
                await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, content[..sent], "0-4"));
            stored = await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Put, $"{url}?digest={digest}", content[sent..], null));
        }
        Assert.Equal((HttpStatusCode.Created, digest), (stored.StatusCode, stored.Headers.GetValues("Docker-Content-Digest").Single()));
        var blob = $"/v2/{_repository}/blobs/{digest}";
        Assert.Equal(blob, stored.Headers.Location!.OriginalString);
        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Get })
        {
            var got = await host.Anonymous.SendAsync(new HttpRequestMessage(method, blob));
            Assert.Equal((digest, content.Length), (got.Headers.GetValues("Docker-Content-Digest").Single(), got.Content.Headers.ContentLength!.Value));
        }
        var mount = await host.Admin.PostAsync($"/v2/{ImageHost.NewRepository()}/blobs/uploads/?mount={digest}&from={_repository}", null);
        Assert.Equal((HttpStatusCode.Created, digest), (mount.StatusCode, mount.Headers.GetValues("Docker-Content-Digest").Single()));
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync(blob)).StatusCode);
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync(blob), HttpStatusCode.NotFound, "BLOB_UNKNOWN");
    }

    [Fact]
    public async Task Content_that_is_not_its_sha512_is_refused()
    {
        var answer = await host.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/?digest={Sha512([1])}", ImageHost.Bytes([2]));
        await ImageHost.AssertErrorAsync(answer, HttpStatusCode.BadRequest, "DIGEST_INVALID");
        var manifest = await host.ManifestAsync(_repository);
        await ImageHost.AssertErrorAsync(await host.PutManifestAsync(_repository, Sha512([1]), manifest), HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Fact]
    public async Task An_algorithm_that_no_blob_can_have_is_refused_before_anything_is_sent() => await ImageHost.AssertErrorAsync(
        await host.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/?digest-algorithm=md5", null), HttpStatusCode.BadRequest, "UNSUPPORTED");

    [Fact]
    public async Task An_image_of_sha512_alone_is_pushed_tagged_read_and_deleted()
    {
        var (config, layer) = (ImageHost.Config, Encoding.UTF8.GetBytes($"layer of {_repository}"));
        foreach (var blob in new[] { config, layer })
            await host.Admin.PostAsync($"/v2/{_repository}/blobs/uploads/?digest={Sha512(blob)}", ImageHost.Bytes(blob));
        var manifest = Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Sha512(config)}}","size":{{config.Length}}},
             "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{Sha512(layer)}}","size":{{layer.Length}}}]}
            """);
        var digest = Sha512(manifest);
        var put = await host.PutManifestAsync(_repository, digest + "?tag=one&tag=One", manifest);
        Assert.Equal((HttpStatusCode.Created, digest), (put.StatusCode, put.Headers.GetValues("Docker-Content-Digest").Single()));
        Assert.Equal(["one", "One"], put.Headers.GetValues("OCI-Tag").SelectMany(value => value.Split(", ")));
        foreach (var reference in new[] { digest, "one", "One" })
        {
            var got = await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/{reference}");
            Assert.Equal(digest, got.Headers.GetValues("Docker-Content-Digest").Single());
            Assert.Equal(manifest, await got.Content.ReadAsByteArrayAsync());
        }
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{digest}")).StatusCode);
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/one"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    private static string Sha512(byte[] bytes) => "sha512:" + Convert.ToHexStringLower(SHA512.HashData(bytes));
}
