using System.Net;
using System.Text.Json;
using Xunit;

namespace Claimed.Registry.Tests.Images;

public sealed class TagTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    [Fact]
    public async Task Tags_are_listed_in_the_order_of_their_bytes_and_in_pages()
    {
        foreach (var tag in new[] { "b", "a", "B", "A", "a.b", "a-b", "_" })
            await host.PushImageAsync(_repository, tag);
        Assert.Equal(["A", "B", "_", "a", "a-b", "a.b", "b"], await TagsAsync($"/v2/{_repository}/tags/list"));

        var url = $"/v2/{_repository}/tags/list?n=3";
        var seen = new List<string>();
        for (var page = 0; page < 3; page++)
        {
            var answer = await host.Anonymous.GetAsync(url);
            seen.AddRange(Read(await answer.Content.ReadAsStringAsync()));
            if (page == 2)
            {
                Assert.False(answer.Headers.Contains("Link"));
                break;
            }
            var link = answer.Headers.GetValues("Link").Single();
            Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);
            url = link[1..link.IndexOf('>')];
        }
        Assert.Equal(["A", "B", "_", "a", "a-b", "a.b", "b"], seen);
        Assert.Equal(["b"], await TagsAsync($"/v2/{_repository}/tags/list?last=a.b"));
        Assert.Equal(["a-b", "a.b", "b"], await TagsAsync($"/v2/{_repository}/tags/list?last=a%2B"));
    }

    [Fact]
    public async Task None_at_all_may_be_asked_for_and_odd_numbers_are_refused()
    {
        await host.PushImageAsync(_repository, "one");
        var none = await host.Anonymous.GetAsync($"/v2/{_repository}/tags/list?n=0");
        Assert.Empty(Read(await none.Content.ReadAsStringAsync()));
        Assert.False(none.Headers.Contains("Link"));
        Assert.Equal(["one"], await TagsAsync($"/v2/{_repository}/tags/list?n=1"));
        foreach (var odd in new[] { "-1", "x", "1.5", "99999999999", "" })
            await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync($"/v2/{_repository}/tags/list?n={odd}"), HttpStatusCode.BadRequest, "PAGINATION_NUMBER_INVALID");
    }

    [Fact]
    public async Task An_unknown_repository_is_named_so() =>
        await ImageHost.AssertErrorAsync(await host.Anonymous.GetAsync($"/v2/{_repository}/tags/list"), HttpStatusCode.NotFound, "NAME_UNKNOWN");

    [Fact]
    public async Task A_tag_has_up_to_128_characters()
    {
        var longest = new string('t', 128);
        await host.PushImageAsync(_repository, longest);
        Assert.Equal([longest], await TagsAsync($"/v2/{_repository}/tags/list"));
        var manifest = await host.ManifestAsync(_repository);
        foreach (var odd in new[] { longest + "t", ".one", "-one", "o!ne", "%E9", "a%20b", "a%0Ab" })
            await ImageHost.AssertErrorAsync(await host.PutManifestAsync(_repository, odd, manifest), HttpStatusCode.BadRequest, "TAG_INVALID");
    }

    private async Task<string[]> TagsAsync(string url) => Read(await host.Anonymous.GetStringAsync(url));

    private static string[] Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()!)];
    }
}
