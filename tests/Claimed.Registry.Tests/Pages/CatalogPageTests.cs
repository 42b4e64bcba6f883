using System.Net;
using System.Net.Http.Headers;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Pages;

[Trait("Database", "any")]
public sealed class CatalogPageTests : IAsyncLifetime
{
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(new Dictionary<string, string>
    {
        ["Registry:PublicUrl"] = "https://registry.example.org",
    });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private Task<string> PageAsync(string path = "/") => _host.Anonymous.GetStringAsync(path);

    [Fact]
    public async Task An_empty_catalog_says_how_to_publish_the_first_component()
    {
        var page = WebUtility.HtmlDecode(await PageAsync());
        Assert.Contains("curl -fsS -X POST 'https://registry.example.org/api/v1/components/claimed'", page, StringComparison.Ordinal);
        Assert.Contains("-F source=@hello.py", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Components_stand_under_their_category_with_group_name_state_and_version()
    {
        await _host.SeedAsync(new() { Name = "filter", Number = "1.2.0", DisplayName = "Filter a table", Category = "Transform", Group = "Tables", Description = "Keeps **some** rows.\n\nMore." });
        await _host.SeedAsync(new() { Name = "train", Number = "0.1.0", DisplayName = "Train", Category = "Models", State = "building" });
        await _host.SeedAsync(new() { Name = "loose", DisplayName = "Loose" });
        var page = await PageAsync();
        var models = page.IndexOf("<h2>Models ", StringComparison.Ordinal);
        var transform = page.IndexOf("<h2>Transform ", StringComparison.Ordinal);
        var other = page.IndexOf("<h2>Other ", StringComparison.Ordinal);
        Assert.True(models > 0 && models < transform && transform < other, "Categories are in alphabetical order, components without one last.");
        var card = page[transform..other];
        Assert.All(["Filter a table", "href=\"/components/acme/filter\"", "Tables", "1.2.0", ">ready<", "Keeps some rows."],
            expected => Assert.Contains(expected, card, StringComparison.Ordinal));
        Assert.DoesNotContain("More.", card, StringComparison.Ordinal);
        Assert.Contains(">building<", page[models..transform], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_whose_versions_are_all_yanked_is_not_listed()
    {
        await _host.SeedAsync(new() { Name = "gone", DisplayName = "Gone", Yanked = true });
        await _host.SeedAsync(new() { Name = "filter" });
        Assert.DoesNotContain("/components/acme/gone", await PageAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await _host.Anonymous.GetAsync("/components/acme/gone")).StatusCode);
    }

    [Fact]
    public async Task A_namespace_has_a_page_of_its_own_components()
    {
        await _host.SeedAsync(new() { Namespace = "acme", Name = "filter" });
        await _host.SeedAsync(new() { Namespace = "other", Name = "train" });
        var page = await PageAsync("/components/acme");
        Assert.Contains("/components/acme/filter", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/components/other/train", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_and_facets_narrow_the_catalog_down_and_links_say_how()
    {
        await _host.SeedAsync(new() { Namespace = "acme", Name = "filter", Category = "Trans & form", Tags = ["csv"], Description = "Counts \"quokkas\"." });
        await _host.SeedAsync(new() { Namespace = "other", Name = "train", Category = "Models", DisplayName = "Quokka" });
        await _host.SeedAsync(new() { Namespace = "other", Name = "loose" });
        var page = WebUtility.HtmlDecode(await PageAsync("/?q=quok"));
        var (best, second) = (page.IndexOf("/components/other/train", StringComparison.Ordinal), page.IndexOf("/components/acme/filter", StringComparison.Ordinal));
        Assert.True(0 < best && best < second, "The better place comes first.");
        Assert.DoesNotContain("/components/other/loose", page, StringComparison.Ordinal);
        Assert.Contains("2 components found", page, StringComparison.Ordinal);
        Assert.Contains("value=\"quok\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/?q=quok&category=Trans%20%26%20form\"", page, StringComparison.Ordinal);
        var narrow = WebUtility.HtmlDecode(await PageAsync("/?q=quok&category=Trans%20%26%20form"));
        Assert.DoesNotContain("/components/other/train", narrow, StringComparison.Ordinal);
        Assert.Contains("href=\"/?q=quok\"", narrow, StringComparison.Ordinal);
        Assert.DoesNotContain("/components/acme/filter", await PageAsync("/components/other?q=quok"), StringComparison.Ordinal);
        Assert.Contains("0 components found", await PageAsync("/?q=%22%3E%3Cscript%3E"), StringComparison.Ordinal);
        using var refused = await _host.Anonymous.GetAsync($"/?q={new string('a', 3000)}");
        Assert.Equal((HttpStatusCode.BadRequest, "text/html; charset=utf-8"), (refused.StatusCode, refused.Content.Headers.ContentType!.ToString()));
    }

    [Theory]
    [InlineData("/components/nobody")]
    [InlineData("/components/acme/unknown")]
    [InlineData("/components/acme/filter?version=9.9.9")]
    [InlineData("/components/acme/filter?version=%22%3E%3Cscript%3E")]
    public async Task What_does_not_exist_is_a_page_with_status_404(string path)
    {
        await _host.SeedAsync(new() { Name = "filter" });
        using var answer = await _host.Anonymous.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("Not found", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\"><script>", page, StringComparison.Ordinal);
        Assert.Null(answer.Headers.ETag);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/components/acme/filter")]
    [InlineData("/assets/registry.css")]
    [InlineData("/assets/registry.js")]
    [InlineData("/assets/icon.svg")]
    public async Task A_reader_who_has_the_bytes_gets_304_and_HEAD_has_no_body(string path)
    {
        await _host.SeedAsync(new() { Name = "filter" });
        using var first = await _host.Anonymous.GetAsync(path);
        first.EnsureSuccessStatusCode();
        Assert.False(first.Headers.ETag!.IsWeak);

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(first.Headers.ETag.ToString()));
        using var second = await _host.Anonymous.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);

        using var head = await _host.Anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(first.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());

        await _host.SeedAsync(new() { Name = "filter", Number = "1.1.0", Description = "Changed." });
        if (!path.StartsWith("/assets", StringComparison.Ordinal))
            Assert.NotEqual(first.Headers.ETag, (await _host.Anonymous.GetAsync(path)).Headers.ETag);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/components/acme/filter")]
    [InlineData("/components/acme/unknown")]
    [InlineData("/assets/registry.js")]
    public async Task A_browser_is_told_to_run_and_load_nothing_but_our_files(string path)
    {
        await _host.SeedAsync(new() { Name = "filter" });
        using var answer = await _host.Anonymous.GetAsync(path);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
    }
}
