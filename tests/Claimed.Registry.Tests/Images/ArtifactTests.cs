using System.Net;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Whatever has an OCI manifest or one of Docker's, shaped as its tools push it.</summary>
[Trait("Database", "any")]
public sealed class ArtifactTests(ImageHost host) : IClassFixture<ImageHost>
{
    private const string Empty = "application/vnd.oci.empty.v1+json";

    private readonly string _repository = ImageHost.NewRepository();

    [Theory]
    // A Helm chart with its provenance.
    [InlineData(MediaTypes.OciManifest, "", "application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/vnd.cncf.helm.chart.provenance.v1.prov")]
    // An SBOM as oras attaches one: an empty config and a type of its own.
    [InlineData(MediaTypes.OciManifest, "application/spdx+json", Empty, "application/spdx+json")]
    // A signature as cosign pushes one, under a tag that is made of the digest.
    [InlineData(MediaTypes.OciManifest, "", "application/vnd.oci.image.config.v1+json", "application/vnd.dev.cosign.simplesigning.v1+json")]
    // An attestation as a bundle.
    [InlineData(MediaTypes.OciManifest, "application/vnd.dev.sigstore.bundle.v0.3+json", Empty, "application/vnd.dev.sigstore.bundle.v0.3+json")]
    // An image of Docker, schema 2.
    [InlineData(MediaTypes.DockerManifest, "", "application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.docker.image.rootfs.diff.tar.gzip")]
    // A model, a WebAssembly module: nobody else knows these types.
    [InlineData(MediaTypes.OciManifest, "", "application/vnd.wasm.config.v0+json", "application/wasm")]
    public async Task An_artifact_of_any_kind_comes_back_as_it_was_pushed(string type, string artifactType, string configType, params string[] layerTypes)
    {
        var config = configType == Empty ? "{}"u8.ToArray() : Encoding.UTF8.GetBytes($$"""{"of":"{{configType}}"}""");
        var layers = layerTypes.Select((layer, index) => Encoding.UTF8.GetBytes($"{layer} {index}")).ToArray();
        foreach (var blob in layers.Prepend(config))
            await host.PushBlobAsync(_repository, blob);
        var manifest = Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{type}}",{{(artifactType.Length > 0 ? $"\"artifactType\":\"{artifactType}\"," : "")}}
             "config":{{Descriptor(configType, config)}},
             "layers":[{{string.Join(',', layers.Zip(layerTypes, (layer, kind) => Descriptor(kind, layer)))}}]}
            """);
        var tag = layerTypes[0].Contains("cosign", StringComparison.Ordinal) ? Digest.Of("image").Replace(':', '-') + ".sig" : "v1";
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(_repository, tag, manifest, type)).StatusCode);
        var got = await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/{tag}");
        Assert.Equal((type, Digest.Of(manifest)), (got.Content.Headers.ContentType!.ToString(), got.Headers.GetValues("Docker-Content-Digest").Single()));
        Assert.Equal(manifest, await got.Content.ReadAsByteArrayAsync());
        foreach (var blob in layers.Prepend(config))
            Assert.Equal(blob, await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/blobs/{Digest.Of(blob)}"));
    }

    [Theory]
    [InlineData(MediaTypes.DockerList, MediaTypes.DockerManifest)]
    [InlineData(MediaTypes.OciIndex, MediaTypes.OciManifest)]
    [InlineData(MediaTypes.OciIndex, MediaTypes.DockerManifest)]
    public async Task A_list_of_platforms_comes_back_with_each_of_its_images(string listType, string imageType)
    {
        var images = new List<byte[]>();
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            await host.PushBlobAsync(_repository, ImageHost.Config);
            var layer = Encoding.UTF8.GetBytes(architecture);
            await host.PushBlobAsync(_repository, layer);
            images.Add(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ImageHost.ImageOf(layer)).Replace(MediaTypes.OciManifest, imageType, StringComparison.Ordinal)));
            Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(_repository, Digest.Of(images[^1]), images[^1], imageType)).StatusCode);
        }
        var entries = images.Zip(new[] { "amd64", "arm64" }, (image, architecture) =>
            Descriptor(imageType, image)[..^1] + $",\"platform\":{{\"os\":\"linux\",\"architecture\":\"{architecture}\"}}}}");
        var list = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{listType}}","manifests":[{{string.Join(',', entries)}}]}""");
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(_repository, "all", list, listType)).StatusCode);
        var got = await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/all");
        Assert.Equal(listType, got.Content.Headers.ContentType!.ToString());
        Assert.Equal(list, await got.Content.ReadAsByteArrayAsync());
        foreach (var image in images)
            Assert.Equal(image, await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/manifests/{Digest.Of(image)}"));
    }

    [Theory]
    [InlineData("{\"schemaVersion\":2,\"schemaVersion\":2,")]
    [InlineData("{ \"schemaVersion\" : 2 ,\r\n\t")]
    [InlineData("\n\n {\"schemaVersion\":2,\"\\u0065xtra\":\"\\/\\u00fc \\ud83d\\ude00\",")]
    [InlineData("{\"schemaVersion\":2,\"zero\":[0.0,-0,1e3,1E+2],")]
    public async Task Bytes_are_kept_to_the_last_one_however_odd_the_writing(string begin)
    {
        var plain = Encoding.UTF8.GetString(await host.ManifestAsync(_repository)).TrimEnd();
        foreach (var end in new[] { "", "\n", "\r\n", " \n \n" })
        {
            var manifest = Encoding.UTF8.GetBytes(plain.Replace("{\"schemaVersion\":2,", begin, StringComparison.Ordinal) + end);
            var put = new HttpRequestMessage(HttpMethod.Put, $"/v2/{_repository}/manifests/odd") { Content = ImageHost.Bytes(manifest, MediaTypes.OciManifest) };
            // As clients send what they make while they send it.
            put.Headers.TransferEncodingChunked = true;
            Assert.Equal(HttpStatusCode.Created, (await host.Admin.SendAsync(put)).StatusCode);
            foreach (var reference in new[] { "odd", Digest.Of(manifest) })
                Assert.Equal(manifest, await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/manifests/{reference}"));
        }
    }

    private static string Descriptor(string type, byte[] bytes) => $$"""{"mediaType":"{{type}}","digest":"{{Digest.Of(bytes)}}","size":{{bytes.Length}}}""";
}
