using System.Net;
using System.Text.RegularExpressions;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Registry.Pages;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Pages;

[Trait("Database", "any")]
public sealed partial class HostileTextTests(SharedRegistry shared) : IClassFixture<SharedRegistry>
{
    private const string Hostile = "</textarea></title></pre><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202Egnp.exe";

    private readonly RegistryHost _host = shared.Host;

    [Fact]
    public async Task Text_of_publishers_stays_text_wherever_it_stands()
    {
        var at = new SourcePosition(Hostile, 1, 1);
        await _host.SeedAsync(new()
        {
            DisplayName = Hostile,
            Description = Hostile + "\n\n# " + Hostile,
            Category = Hostile,
            Group = Hostile,
            Tags = [Hostile],
            Inputs = [new Port { Name = Hostile, Type = Hostile, Default = Hostile, Optional = true, Description = Hostile }, new Port { Name = Hostile + "2", Type = Hostile }],
            Outputs = [new Port { Name = Hostile, Type = Hostile, Description = Hostile }],
            Findings = [Finding.Warning(Hostile, at, Hostile, Hostile, Hostile)],
            Yanked = true,
            YankReason = Hostile,
            Deprecated = true,
            Successor = Hostile,
            Message = Hostile,
            Repository = "javascript:alert(1)//" + Hostile,
        });
        await _host.SeedAsync(new() { Number = "0.9.0", State = "failed", BuildState = "failed", Reason = Hostile, DisplayName = Hostile, Category = Hostile, Group = Hostile, Tags = [Hostile] });
        foreach (var path in (string[])["/", "/components/acme", "/components/acme/filter?version=1.0.0", "/components/acme/filter?version=0.9.0"])
        {
            var page = await _host.Anonymous.GetStringAsync(path);
            Assert.DoesNotContain("<script>", page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("<img src=x", page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("</textarea>", page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("href=\"javascript:", page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\u202E", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
            Assert.Empty(Handlers.Matches(page));
            Assert.Single(Titles.Matches(page));
        }
        Assert.Contains("[U+202E]gnp.exe", await _host.Anonymous.GetStringAsync("/components/acme/filter?version=1.0.0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JaVaScRiPt:alert(1))")]
    [InlineData("[x](java&#115;cript:alert(1))")]
    [InlineData("[x](data:text/html;base64,PHNjcmlwdD4=)")]
    [InlineData("[x](vbscript:x)")]
    [InlineData("[x](//evil.example/x)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("[x][1]\n\n[1]: javascript:alert(1)")]
    [InlineData("![x](javascript:alert(1))")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>")]
    [InlineData("<b onclick=alert(1)>x</b>")]
    public void Markdown_links_to_nothing_but_http_and_mail(string text)
    {
        var html = MarkdownText.ToHtml(text)!.Value.Value;
        Assert.DoesNotContain("href", WithoutText(html), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("onclick", WithoutText(html), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<p>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(">", true)]
    [InlineData("- ", true)]
    [InlineData("> -  ", true)]
    [InlineData("1. * ", true)]
    [InlineData("12) +\t", true)]
    [InlineData("-", false)]
    [InlineData("- a ", false)]
    [InlineData("1", false)]
    [InlineData("2024. ", true)]
    public void Markdown_that_opens_too_much_in_one_line_is_shown_as_it_is(string opens, bool isTooMuch)
    {
        string Text(int times) => $"before\n\n{string.Concat(Enumerable.Repeat(opens, times))}word\n";

        Assert.NotNull(MarkdownText.ToHtml(Text(10)));
        Assert.Equal(isTooMuch, MarkdownText.ToHtml(Text(100)) is null);
    }

    [Fact]
    public void Markdown_keeps_good_links_and_loads_no_pictures()
    {
        var html = MarkdownText.ToHtml("[a](https://example.org/?a=1&b=2) <mail@example.org> ![picture](https://example.org/p.png) https://example.org/plain")!.Value.Value;
        Assert.Contains("<a href=\"https://example.org/?a=1&amp;b=2\" rel=\"nofollow noopener noreferrer\">a</a>", html, StringComparison.Ordinal);
        Assert.Contains("href=\"mailto:mail@example.org\"", html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://example.org/p.png\" rel=\"nofollow noopener noreferrer\">picture</a>", html, StringComparison.Ordinal);
        Assert.Contains("href=\"https://example.org/plain\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(">", 9_000)]
    [InlineData("[", 9_000)]
    [InlineData("*a ", 6_000)]
    [InlineData("- ", 9_000)]
    [InlineData("![", 9_000)]
    [InlineData(")*", 9_000)]
    [InlineData("_a ", 6_000)]
    [InlineData("| ", 9_000)]
    [InlineData("word ", 40_000)]
    public async Task A_description_made_to_choke_the_reader_still_gives_a_page(string part, int times)
    {
        var name = $"choke-{Guid.CreateVersion7():N}";
        await _host.SeedAsync(new() { Name = name, Description = string.Concat(Enumerable.Repeat(part, times)) });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.OK, (await _host.Anonymous.GetAsync("/", limit.Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _host.Anonymous.GetAsync($"/components/acme/{name}", limit.Token)).StatusCode);
    }

    [Theory]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("$(id)`id`;\n", "'$(id)`id`;\n'")]
    [InlineData("localhost:8080/a/b@sha256:00", "localhost:8080/a/b@sha256:00")]
    [InlineData("", "''")]
    public void A_shell_takes_any_text_as_one_word(string text, string word) => Assert.Equal(word, ShellText.Word(text));

    private static string WithoutText(string html) => string.Concat(Tags.Matches(html).Select(tag => tag.Value));

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags { get; }

    [GeneratedRegex("<[^>]*\\son[a-z]+\\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Handlers { get; }

    [GeneratedRegex("</title>")]
    private static partial Regex Titles { get; }
}
