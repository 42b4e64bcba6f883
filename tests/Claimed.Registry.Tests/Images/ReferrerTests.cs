using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>What refers to a manifest: signatures, SBOMs and the like, as OCI Distribution 1.1 lists them.</summary>
public sealed class ReferrerTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    [Fact]
    public async Task A_hundred_that_eight_clients_push_at_once_are_each_listed_once()
    {
        var subject = await host.PushImageAsync(_repository, "signed");
        var manifests = new List<byte[]>();
        for (var number = 0; number < 100; number++)
            manifests.Add(Referrer(subject, $",\"annotations\":{{\"number\":\"{number}\"}}"));
        await Task.WhenAll(manifests.Chunk(13).Select(some => Task.Run(async () =>
        {
            foreach (var manifest in some)
                Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(_repository, Digest.Of(manifest), manifest)).StatusCode);
        })));
        Assert.Equal(manifests.Select(manifest => Digest.Of(manifest)).Order(), (await ListAsync(subject)).Select(entry => entry.Digest).Order());
    }

    [Fact]
    public async Task They_come_before_their_subject_and_are_seen_in_their_repository_alone()
    {
        var image = await host.ManifestAsync(_repository);
        var subject = Digest.Of(image);
        var referrer = Referrer(subject);
        var put = await host.PutManifestAsync(_repository, "sig", referrer);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(subject, put.Headers.GetValues("OCI-Subject").Single());
        await host.PutManifestAsync(_repository, "late", image);
        Assert.Equal([Digest.Of(referrer)], (await ListAsync(subject)).Select(entry => entry.Digest));

        var elsewhere = ImageHost.NewRepository();
        Assert.Equal(subject, await host.PushImageAsync(elsewhere, "same"));
        Assert.Empty(await ListAsync(subject, elsewhere));
        // A repository that is not there has none either.
        Assert.Empty(await ListAsync(subject, ImageHost.NewRepository()));
    }

    [Theory]
    [InlineData(MediaTypes.OciManifest, ",\"artifactType\":\"application/spdx+json\"", "application/spdx+json")]
    [InlineData(MediaTypes.OciManifest, "", "application/vnd.oci.image.config.v1+json")]
    [InlineData(MediaTypes.OciIndex, ",\"artifactType\":\"application/vnd.example.bundle\"", "application/vnd.example.bundle")]
    [InlineData(MediaTypes.OciIndex, "", null)]
    public async Task The_type_is_the_one_that_is_said_or_that_of_an_image_s_config(string mediaType, string said, string? type)
    {
        await host.PushImageAsync(_repository, "any");
        var subject = Digest.Of($"{mediaType} {said}");
        var more = said + ",\"annotations\":{\"org.example.by\":\"me \\u00e9\"}";
        var referrer = mediaType == MediaTypes.OciIndex
            ? Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{mediaType}}","manifests":[],{{Points(subject)}}{{more}}}""")
            : Referrer(subject, more);
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(_repository, Digest.Of(referrer), referrer, mediaType)).StatusCode);
        var entry = Assert.Single(await ListAsync(subject));
        Assert.Equal((mediaType, Digest.Of(referrer), (long)referrer.Length, type), (entry.MediaType, entry.Digest, entry.Size, entry.ArtifactType));
        Assert.Equal("me é", entry.Annotations!["org.example.by"]);
    }

    [Fact]
    public async Task A_filter_says_that_it_was_applied_and_one_that_fits_none_gives_an_empty_index()
    {
        var subject = await host.PushImageAsync(_repository, "signed");
        foreach (var type in new[] { "a/b", "a/b+json" })
            await PutAsync(Referrer(subject, $",\"artifactType\":\"{type}\""));
        foreach (var (type, count) in new[] { ("a/b", 1), ("a/b+json", 1), ("a/*", 0), ("A/B", 0) })
        {
            var answer = await host.Anonymous.GetAsync($"/v2/{_repository}/referrers/{subject}?artifactType={Uri.EscapeDataString(type)}");
            Assert.Equal("artifactType", answer.Headers.GetValues("OCI-Filters-Applied").Single());
            Assert.Equal(MediaTypes.OciIndex, answer.Content.Headers.ContentType!.ToString());
            Assert.Equal(count, Read(await answer.Content.ReadAsStringAsync()).Count);
        }
        Assert.False((await host.Anonymous.GetAsync($"/v2/{_repository}/referrers/{subject}")).Headers.Contains("OCI-Filters-Applied"));
    }

    [Fact]
    public async Task Deleting_one_takes_it_off_the_list_and_deleting_the_subject_leaves_them()
    {
        var subject = await host.PushImageAsync(_repository, "signed");
        var (first, second) = (Referrer(subject, ",\"artifactType\":\"a/first\""), Referrer(subject, ",\"artifactType\":\"a/second\""));
        await PutAsync(first);
        await PutAsync(second);
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{Digest.Of(first)}")).StatusCode);
        Assert.Equal([Digest.Of(second)], (await ListAsync(subject)).Select(entry => entry.Digest));
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{subject}")).StatusCode);
        Assert.Equal([Digest.Of(second)], (await ListAsync(subject)).Select(entry => entry.Digest));
    }

    [Fact]
    public async Task A_subject_by_sha512_and_a_referrer_by_sha512_are_listed_as_they_are()
    {
        var subject = "sha512:" + Convert.ToHexStringLower(SHA512.HashData("subject"u8));
        await host.PushImageAsync(_repository, "any");
        var referrer = Referrer(subject);
        var digest = "sha512:" + Convert.ToHexStringLower(SHA512.HashData(referrer));
        var put = await host.PutManifestAsync(_repository, digest, referrer);
        Assert.Equal(subject, put.Headers.GetValues("OCI-Subject").Single());
        Assert.Equal([digest], (await ListAsync(subject)).Select(entry => entry.Digest));
    }

    [Theory]
    [InlineData("sha256:no")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("latest")]
    public async Task A_digest_that_is_none_is_refused(string digest) => await ImageHost.AssertErrorAsync(
        await host.Anonymous.GetAsync($"/v2/{_repository}/referrers/{digest}"), HttpStatusCode.BadRequest, "DIGEST_INVALID");

    private static string Points(string subject) => $$"""
        "subject":{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{subject}}","size":7}
        """.Trim();

    /// <summary>On the layer that <see cref="ImageHost.PushImageAsync"/> pushes.</summary>
    private static byte[] Referrer(string subject, string more = "") => ImageHost.ImageOf("layer"u8.ToArray(), "," + Points(subject) + more);

    private async Task PutAsync(byte[] manifest) =>
        Assert.Equal(HttpStatusCode.Created, (await host.PutManifestAsync(_repository, Digest.Of(manifest), manifest)).StatusCode);

    private async Task<List<Entry>> ListAsync(string subject, string? repository = null) =>
        Read(await host.Anonymous.GetStringAsync($"/v2/{repository ?? _repository}/referrers/{subject}"));

    private static List<Entry> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal((2, MediaTypes.OciIndex), (document.RootElement.GetProperty("schemaVersion").GetInt32(), document.RootElement.GetProperty("mediaType").GetString()!));
        return document.RootElement.GetProperty("manifests").Deserialize<List<Entry>>(JsonSerializerOptions.Web)!;
    }

    private sealed record Entry(string MediaType, string Digest, long Size, string? ArtifactType, Dictionary<string, string>? Annotations);
}
