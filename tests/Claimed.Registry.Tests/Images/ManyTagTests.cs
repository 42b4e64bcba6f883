using System.Net;
using System.Text.Json;
using Claimed.Registry.Storage;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Repositories with thousands of tags, and tags that look alike.</summary>
public sealed class ManyTagTests(ImageHost host) : IClassFixture<ImageHost>
{
    private const int Count = 10_000;
    private const int AtOnce = 50;

    private readonly string _repository = ImageHost.NewRepository();

    [Fact]
    public async Task Ten_thousand_tags_come_in_pages_each_once_and_in_order()
    {
        var manifest = await host.ManifestAsync(_repository);
        var all = Enumerable.Range(0, Count).Select(number => $"t{number}").ToArray();
        foreach (var some in all.Chunk(AtOnce))
        {
            var put = await host.PutManifestAsync(_repository, $"{Digest.Of(manifest)}?tag={string.Join("&tag=", some)}", manifest);
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        }
        Array.Sort(all, StringComparer.Ordinal);
        var whole = Read(await host.Anonymous.GetStringAsync($"/v2/{_repository}/tags/list"));
        Assert.Equal(all, whole);

        var (seen, url) = (new List<string>(), $"/v2/{_repository}/tags/list?n=999");
        while (url.Length > 0)
        {
            var answer = await host.Anonymous.GetAsync(url);
            seen.AddRange(Read(await answer.Content.ReadAsStringAsync()));
            url = answer.Headers.TryGetValues("Link", out var links) && links.Single() is { } link ? link[1..link.IndexOf('>')] : "";
        }
        Assert.Equal(all, seen);
        var last = await host.Anonymous.GetAsync($"/v2/{_repository}/tags/list?n=2&last={all[^3]}");
        Assert.Equal(all[^2..], Read(await last.Content.ReadAsStringAsync()));
        Assert.False(last.Headers.Contains("Link"));
        // One tag more or less is seen at once.
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/t5000")).StatusCode);
        await host.PutManifestAsync(_repository, "a-last-one", manifest);
        Assert.Equal(all.Where(tag => tag != "t5000").Append("a-last-one").Order(StringComparer.Ordinal), Read(await host.Anonymous.GetStringAsync($"/v2/{_repository}/tags/list?n=10000")));
    }

    [Fact]
    public async Task Tags_that_differ_in_case_or_in_a_mark_alone_are_different_tags()
    {
        string[] tags = ["Release", "RELEASE", "release", "release.", "release_", "release-", new string('r', 128), new string('R', 128)];
        var digests = new Dictionary<string, string>();
        foreach (var tag in tags)
            digests[tag] = await host.PushImageAsync(_repository, tag, $"content of {tag}");
        Assert.Equal(tags.Length, digests.Values.Distinct().Count());
        Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/RELEASE")).StatusCode);
        foreach (var (tag, digest) in digests)
        {
            var got = await host.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/{_repository}/manifests/{tag}"));
            if (tag == "RELEASE")
                Assert.Equal(HttpStatusCode.NotFound, got.StatusCode);
            else
                Assert.Equal(digest, got.Headers.GetValues("Docker-Content-Digest").Single());
        }
    }

    private static string[] Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("tags").Deserialize<string[]>()!;
    }
}
