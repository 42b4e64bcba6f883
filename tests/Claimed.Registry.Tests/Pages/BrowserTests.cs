using System.Text.RegularExpressions;
using Claimed.Database.Builds;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Pages;

/// <summary>The pages in a real browser: what the script adds, and that nothing offends the content policy.</summary>
[Trait("Database", "any")]
public sealed partial class BrowserTests : IAsyncLifetime
{
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task<string> OpenAsync(string path)
    {
        var page = await Chromium.OpenAsync(new Uri(_host.Address, path));
        Assert.Empty(page.Console);
        return page.Dom;
    }

    [Fact]
    public async Task A_search_shows_what_it_finds_and_its_facets_offend_nothing()
    {
        await _host.SeedAsync(new() { Name = "filter", Category = "Transform", Tags = ["csv"] });
        await _host.SeedAsync(new() { Name = "select", Category = "Transform" });
        await _host.SeedAsync(new() { Name = "train", Category = "Models", Tags = ["csv"] });
        var dom = await OpenAsync("/?q=Trans+csv");
        Assert.Equal(["acme/filter"], Cards.Matches(dom).Select(card => card.Groups["subject"].Value));
        Assert.Contains(">1 component found<", dom, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_get_a_button_that_copies_them()
    {
        await _host.SeedAsync(new() { Name = "filter" });
        var dom = await OpenAsync("/components/acme/filter");
        Assert.Equal(7, Buttons.Count(dom));
        Assert.Contains("aria-label=\"Copy: Lines for Docker\"", dom, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_of_a_failed_build_is_on_its_page_as_plain_text()
    {
        await _host.SeedAsync(new()
        {
            State = "failed",
            BuildState = BuildState.Failed,
            Reason = "pip failed.",
            Log = ["Step 1/2 : FROM base\n", "\u001b[31mERROR\u001b[0m <script>alert(1)</script>\u202E\n"],
        });
        var dom = await OpenAsync("/components/acme/filter");
        Assert.Contains("Step 1/2 : FROM base\nERROR &lt;script&gt;alert(1)&lt;/script&gt;[U+202E]\n</pre>", dom, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_text_runs_nothing()
    {
        const string hostile = "</script></textarea><script>document.title='taken'</script><img src=/x onerror=\"document.title='taken'\"><style>*{display:none}</style>";
        await _host.SeedAsync(new() { DisplayName = hostile, Description = hostile, Category = hostile, Tags = [hostile], Message = hostile });
        Assert.DoesNotContain("<title>taken", await OpenAsync("/"), StringComparison.Ordinal);
        Assert.DoesNotContain("<title>taken", await OpenAsync("/components/acme/filter"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_in_an_icon_runs_neither_on_the_page_nor_opened_by_itself()
    {
        const string script = "document.documentElement.append('taken' + 'over'); document.title = 'taken' + 'over'";
        const string icon = $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\" onload=\"{script}\"><script>{script}</script><rect width=\"8\" height=\"8\"/></svg>";
        await _host.PublishAsync("acme", "filter", "1.0.0", ("component.yaml", Samples.ExistingImage()), ("icon.svg", icon));
        // Nothing on the console: the page's policy lets it show the picture.
        var dom = await OpenAsync("/components/acme/filter");
        Assert.Contains("<img class=\"icon\" src=\"/api/v1/components/acme/filter/versions/1.0.0/icon\" alt=\"\"", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("takenover", dom, StringComparison.Ordinal);
        var alone = await Chromium.OpenAsync(new Uri(_host.Address, "/api/v1/components/acme/filter/versions/1.0.0/icon"));
        Assert.Contains("<rect", alone.Dom, StringComparison.Ordinal);
        Assert.DoesNotContain("takenover", alone.Dom, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/components/acme/unknown")]
    public async Task Pages_without_components_offend_nothing_either(string path) =>
        Assert.Contains("Component registry</title>", await OpenAsync(path), StringComparison.Ordinal);

    [GeneratedRegex("<li class=\"card\">.*?<code>(?<subject>[^<]+)</code>", RegexOptions.Singleline)]
    private static partial Regex Cards { get; }

    [GeneratedRegex("<button type=\"button\"")]
    private static partial Regex Buttons { get; }
}
