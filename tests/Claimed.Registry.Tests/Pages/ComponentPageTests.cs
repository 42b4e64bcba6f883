using System.Net;
using Claimed.Components;
using Claimed.Database.Builds;
using Claimed.Registry.Builds;
using Claimed.Registry.Http;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Pages;

[Trait("Database", "any")]
public sealed class ComponentPageTests : IAsyncLifetime
{
    private RegistryHost _host = null!;

    // Why builds wait is what a test says.
    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(
        new Dictionary<string, string> { ["Registry:PublicUrl"] = "https://registry.example.org" }, adjust: RegistryHost.Without<QueueWatch>);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>The page with its character references resolved: what a reader sees, and the tags.</summary>
    private async Task<string> PageAsync(string path = "/components/acme/filter") => WebUtility.HtmlDecode(await _host.Anonymous.GetStringAsync(path));

    private static Port Input(string name, string? preset = null, bool secret = false) =>
        new() { Name = name, Type = PortTypes.String, Default = preset, Optional = preset is not null, Description = $"What {name} means.", Secret = secret };

    [Fact]
    public async Task Ports_show_type_default_whether_they_are_required_and_what_they_mean()
    {
        await _host.SeedAsync(new()
        {
            Inputs = [Input("expression"), Input("separator", ";")],
            Outputs = [new Port { Name = "result", Type = "Dataset", Passing = PortPassing.File, Description = "The rows." }],
        });
        var page = await PageAsync();
        Assert.All(["<code>expression</code><span class=\"badge warn\">required</span>", "<code class=\"value\">;</code>", "What separator means.",
            "<code>result</code>", "Dataset", "(file)", "The rows."], expected => Assert.Contains(expected, page, StringComparison.Ordinal));
        Assert.DoesNotContain("<code>separator</code><span class=\"badge warn\">required", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_default_of_a_secret_is_never_shown()
    {
        await _host.SeedAsync(new() { Inputs = [Input("api_key", "hunter2", secret: true)] });
        var page = await PageAsync();
        Assert.Contains(">secret<", page, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_to_copy_name_the_pinned_image_and_the_public_address()
    {
        await _host.SeedAsync(new() { Number = "1.2.0", Inputs = [Input("expression"), Input("separator", ";")] });
        var page = await PageAsync();
        Assert.Contains("docker run --rm \\\n  localhost:8080/acme/filter@sha256:", page, StringComparison.Ordinal);
        Assert.Contains("'expression=<String>'</code>", page, StringComparison.Ordinal);
        Assert.Contains("\"https://registry.example.org/api/v1/components/acme/filter/versions/1.2.0/component.yaml\")", page, StringComparison.Ordinal);
        Assert.Contains("'https://registry.example.org/catalogs/elyra/acme/url-catalog.json?runtime=kfp'", page, StringComparison.Ordinal);
        Assert.Contains("'https://registry.example.org/api/v1/components/acme/filter/versions/1.2.0/operator.py'", page, StringComparison.Ordinal);
        Assert.Contains("from acme_filter import FilterOperator", page, StringComparison.Ordinal);
        Assert.All(["component.yaml", "elyra.yaml", "operator.py", "Dockerfile"],
            form => Assert.Contains($"href=\"/api/v1/components/acme/filter/versions/1.2.0/{form}\"", page, StringComparison.Ordinal));
        Assert.DoesNotContain("original.yaml", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_version_says_why_and_offers_no_lines_to_copy()
    {
        await _host.SeedAsync(new() { State = "failed", BuildState = BuildState.Failed, Reason = "pip found no pandas==9." });
        var page = await PageAsync();
        Assert.Contains("This version failed.", page, StringComparison.Ordinal);
        Assert.Contains("pip found no pandas==9.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("docker run", page, StringComparison.Ordinal);
        Assert.Matches("<details open data-log=\"/api/v1/builds/\\d+/log\">", page);
    }

    [Fact]
    public async Task A_version_that_waits_says_so_and_why()
    {
        await _host.SeedAsync(new() { State = "queued", BuildState = BuildState.Queued });
        // A node without a builder cannot know why, until the queue shows it.
        var page = await PageAsync();
        Assert.Contains("Not ready yet.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<p class=\"reason\">", page, StringComparison.Ordinal);
        _host.Services.GetRequiredService<Notices>().BuildsWait = "The engine sleeps.";
        Assert.Contains("<p class=\"reason\"><bdi>The engine sleeps.", await PageAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Findings_show_code_place_message_and_fix_the_gravest_first()
    {
        await _host.SeedAsync(new()
        {
            Findings =
            [
                Finding.Suggestion("name-style", new SourcePosition("filter.py"), "Mixed case.", "Use lower case."),
                Finding.Warning("no-description", new SourcePosition("filter.ipynb", 40, 3, 3, 2), "No description.", "Write one.", "elyra"),
            ],
        });
        var page = await PageAsync();
        Assert.All(["no-description", "filter.ipynb, cell 3, line 2", "No description.", "Write one.", ">elyra<", "name-style"],
            expected => Assert.Contains(expected, page, StringComparison.Ordinal));
        Assert.True(page.IndexOf("no-description", StringComparison.Ordinal) < page.IndexOf("name-style", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_marks_its_own_version_and_names_the_listed_one_where_that_is_another()
    {
        await _host.PublishReadyAsync("acme", "filter", "1.0.0");
        await _host.PublishReadyAsync("acme", "filter", "1.1.0", "another");
        var (newest, older) = (await PageAsync(), await PageAsync("/components/acme/filter?version=1.0.0"));
        Assert.DoesNotContain("is the version that lists show", newest, StringComparison.Ordinal);
        Assert.Contains("acme/filter 1.1.0</a> is the version that lists show", older, StringComparison.Ordinal);
        Assert.Contains("aria-current=\"page\">1.1.0</a>", newest, StringComparison.Ordinal);
        Assert.Contains("aria-current=\"page\">1.0.0</a>", older, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_are_listed_with_state_channels_and_what_happened_to_them()
    {
        await _host.SeedAsync(new() { Number = "1.0.0", Yanked = true, YankReason = "Lost rows." });
        await _host.SeedAsync(new() { Number = "1.1.0", Deprecated = true, Successor = "acme/select" });
        await _host.SeedAsync(new() { Number = "1.2.0", Channel = "stable" });
        await _host.SeedAsync(new() { Number = "2.0.0-rc.1", State = "building", BuildState = BuildState.Building });
        var page = await PageAsync();
        Assert.Contains("<span class=\"version\">1.2.0</span>", page, StringComparison.Ordinal);
        Assert.All([">latest<", ">stable<", ">yanked<", "Lost rows.", ">deprecated<", "?version=2.0.0-rc.1\"", ">building<"],
            expected => Assert.Contains(expected, page, StringComparison.Ordinal));

        var yanked = await PageAsync("/components/acme/filter?version=1.0.0");
        Assert.Contains("<strong>Yanked.</strong><bdi>Lost rows.</bdi>", yanked.Replace("> <", "><", StringComparison.Ordinal), StringComparison.Ordinal);
        var deprecated = await PageAsync("/components/acme/filter?version=1.1.0");
        Assert.Contains("<a href=\"/components/acme/select\">acme/select</a>", deprecated, StringComparison.Ordinal);
        Assert.Contains("<span class=\"version\">1.2.0</span>", await PageAsync("/components/acme/filter?version=stable"), StringComparison.Ordinal);
    }
}
