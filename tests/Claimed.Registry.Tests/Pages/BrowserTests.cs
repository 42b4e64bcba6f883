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
    public async Task The_filter_hides_what_lacks_one_of_its_words()
    {
        await _host.SeedAsync(new() { Name = "filter", Category = "Transform", Tags = ["csv"] });
        await _host.SeedAsync(new() { Name = "select", Category = "Transform" });
        await _host.SeedAsync(new() { Name = "train", Category = "Models", Tags = ["csv"] });
        var dom = await OpenAsync("/?q=Transform+csv");
        var cards = Cards.Matches(dom).ToDictionary(card => card.Groups["subject"].Value, card => !card.Groups["hidden"].Success);
        Assert.Equal(new Dictionary<string, bool> { ["acme/filter"] = true, ["acme/select"] = false, ["acme/train"] = false }, cards);
        Assert.Contains(">1 shown<", dom, StringComparison.Ordinal);
        Assert.Contains("<section class=\"category\" hidden=\"\"><h2>Models", dom, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_get_a_button_that_copies_them()
    {
        await _host.SeedAsync(new() { Name = "filter" });
        var dom = await OpenAsync("/components/acme/filter");
        Assert.Equal(6, Buttons.Count(dom));
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

    [Theory]
    [InlineData("/")]
    [InlineData("/components/acme/unknown")]
    public async Task Pages_without_components_offend_nothing_either(string path) =>
        Assert.Contains("Component registry</title>", await OpenAsync(path), StringComparison.Ordinal);

    [GeneratedRegex("<li class=\"card\"(?<hidden> hidden=\"\")?>.*?<code>(?<subject>[^<]+)</code>", RegexOptions.Singleline)]
    private static partial Regex Cards { get; }

    [GeneratedRegex("<button type=\"button\"")]
    private static partial Regex Buttons { get; }
}
