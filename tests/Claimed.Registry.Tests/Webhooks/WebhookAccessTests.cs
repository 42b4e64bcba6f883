using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Webhooks;

/// <summary>Who may have whom told, and what a database alone gives away.</summary>
[Trait("Database", "any")]
public sealed class WebhookAccessTests(WebhookAccessTests.Strict registry) : IClassFixture<WebhookAccessTests.Strict>
{
    /// <summary>Receivers may be in one network that is none of this machine's.</summary>
    public sealed class Strict : SharedRegistry
    {
        protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["Webhooks:AllowedNetworks:0"] = "10.255.0.0/16" };
    }

    private readonly RegistryHost _host = registry.Host;

    [Theory]
    [InlineData("http://127.0.0.1:9/")]
    [InlineData("https://127.0.0.1:9/")]
    [InlineData("https://127.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://192.168.0.1/")]
    [InlineData("http://8.8.8.8/")]
    [InlineData("https://ada:password@example.org/")]
    [InlineData("ftp://example.org/")]
    [InlineData("/relative")]
    [InlineData("")]
    public async Task An_address_that_is_not_for_webhooks_is_refused(string url)
    {
        await _host.CreateNamespaceAsync("addresses");
        var answer = await _host.Admin.JsonAsync(HttpMethod.Post, Hooks.PathOf("addresses"), new { url });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "bad-field"), (answer.Status, answer["type"]));
    }

    [Theory]
    [InlineData("http://10.255.1.2:8080/hook")]
    [InlineData("https://example.org/hook?key=value")]
    public async Task Public_addresses_and_allowed_networks_are_taken(string url)
    {
        await _host.CreateNamespaceAsync("addresses");
        await _host.Admin.HookAsync("addresses", url);
    }

    [Fact]
    public async Task A_name_is_looked_up_when_a_connection_is_made_and_refused_when_it_means_this_machine()
    {
        await _host.CreateNamespaceAsync("rebound");
        await using var receiver = await WebhookReceiver.StartAsync();
        var id = await _host.Admin.HookAsync("rebound", $"http://localhost:{receiver.Port}/hook");
        var ping = await _host.Admin.JsonAsync(HttpMethod.Post, $"{Hooks.PathOf("rebound")}/{id}/ping");
        Assert.Contains("no public address", ping["error"], StringComparison.Ordinal);
        await _host.PublishReadyAsync("rebound", "greet", "1.0.0");
        Assert.Equal("1", (await _host.Admin.UntilHookAsync("rebound", id, hook => hook["failures"] != "0"))["failures"]);
        Assert.Empty(receiver.All);
    }

    [Fact]
    public async Task A_secret_is_shown_once_and_the_database_does_not_have_it()
    {
        await _host.CreateNamespaceAsync("secretive");
        var made = await _host.Admin.JsonAsync(HttpMethod.Post, Hooks.PathOf("secretive"), new { url = "https://example.org/hook" });
        var secret = made["secret"]!;
        Assert.StartsWith("clmw_", secret, StringComparison.Ordinal);
        Assert.Equal("no-store", made.Message.Headers.CacheControl?.ToString());
        var given = await _host.Admin.JsonAsync(HttpMethod.Post, Hooks.PathOf("secretive"), new { url = "https://example.org/hook", secret = Hooks.Secret });
        Assert.Null(given["secret"]);
        foreach (var path in new[] { "", $"/{made["id"]}" })
            Assert.DoesNotContain("clmw_", (await _host.Admin.SendAsync(HttpMethod.Get, Hooks.PathOf("secretive") + path)).Text, StringComparison.Ordinal);
        foreach (var stored in await TestDatabase.QueryAsync(_host.DataPath, "SELECT \"Secret\" FROM webhooks"))
        {
            Assert.DoesNotContain(secret, (string)stored, StringComparison.Ordinal);
            Assert.DoesNotContain(Hooks.Secret, (string)stored, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("/hook", string.Concat((await _host.EventsAsync()).Select(told => told.GetRawText())) + await _host.AuditAsync("namespace.webhook-added"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owners_alone_have_webhooks_and_those_of_another_namespace_are_not_there()
    {
        await _host.CreateNamespaceAsync("mine", members: [("ada", "owner"), ("grace", "publisher")]);
        await _host.CreateNamespaceAsync("theirs", isPrivate: true);
        using var ada = _host.With(await _host.TokenAsync("ada"));
        using var grace = _host.With(await _host.TokenAsync("grace"));
        var id = await ada.HookAsync("mine", "https://example.org/hook");
        var other = await _host.Admin.HookAsync("theirs", "https://example.org/hook");
        Assert.Equal(HttpStatusCode.Forbidden, (await grace.JsonAsync(HttpMethod.Get, Hooks.PathOf("mine"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Anonymous.JsonAsync(HttpMethod.Get, Hooks.PathOf("mine"))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await ada.JsonAsync(HttpMethod.Get, Hooks.PathOf("theirs"))).Status);
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, "/deliveries"), (HttpMethod.Post, "/ping"), (HttpMethod.Delete, "") })
            Assert.Equal("webhook-not-found", (await ada.JsonAsync(method, $"{Hooks.PathOf("mine")}/{other}{path}"))["type"]);
        Assert.Equal("webhook-not-found", (await ada.JsonAsync(HttpMethod.Post, $"{Hooks.PathOf("mine")}/{other}/replay", new { after = 0 }))["type"]);
        Assert.Equal(HttpStatusCode.NoContent, (await ada.JsonAsync(HttpMethod.Delete, $"{Hooks.PathOf("mine")}/{id}")).Status);
        Assert.Empty((await ada.JsonAsync(HttpMethod.Get, Hooks.PathOf("mine"))).Items);
        // What a reader of events sees has nothing of it.
        Assert.DoesNotContain("webhook", (await grace.SendAsync(HttpMethod.Get, "/api/v1/events?limit=500")).Text, StringComparison.Ordinal);
        Assert.Contains("namespace.webhook-removed", (await ada.SendAsync(HttpMethod.Get, "/api/v1/events?limit=500")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_wishes_and_too_many_webhooks_are_refused()
    {
        await _host.CreateNamespaceAsync("wishes");
        foreach (var wish in new object[]
        {
            new { }, new { url = "https://example.org", events = new[] { "version.read" } }, new { url = "https://example.org", events = new[] { "namespace.*" } },
            new { url = "https://example.org", secret = "short" }, new { url = "https://example.org", active = true },
        })
            Assert.Equal("bad-field", (await _host.Admin.JsonAsync(HttpMethod.Post, Hooks.PathOf("wishes"), wish))["type"]);
        for (var number = 0; number < 20; number++)
            await _host.Admin.HookAsync("wishes", $"https://example.org/{number}", "version.*", "image.pushed");
        Assert.Equal("too-many-webhooks", (await _host.Admin.JsonAsync(HttpMethod.Post, Hooks.PathOf("wishes"), new { url = "https://example.org" }))["type"]);
    }
}
