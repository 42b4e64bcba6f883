using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>A person signs in at a certified provider with a real browser, through its own pages.</summary>
[Trait("Database", "any")]
public sealed class CertifiedProviderTests
{
    [Fact]
    public async Task A_person_signs_in_at_a_certified_provider_with_a_real_browser()
    {
        var (port, here) = (FreePorts.Next(), FreePorts.Next());
        await using var provider = await PrivateServer.StartAsync("private-provider.sh", $"{port}", $"http://127.0.0.1:{here}/sign-in/return");
        await using var host = await ProviderTests.StartAsync(new Dictionary<string, string>
        {
            ["Access:Oidc:Authority"] = $"http://127.0.0.1:{port}",
            ["Access:Oidc:ClientId"] = "registry",
            ["Access:Oidc:ClientSecret"] = "a secret",
            ["Access:Oidc:RequireHttps"] = "false",
            ["Access:Oidc:Scopes"] = "openid profile email groups",
            ["Access:Oidc:DisplayName"] = "the company",
        }, here);
        await host.CreateNamespaceAsync("vault", isPrivate: true);
        await host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/vault/members/group/ml", new { role = "publisher" });
        await host.PublishReadyAsync("vault", "tool", "1.0.0");

        await using var browser = await DrivenBrowser.StartAsync();
        await browser.OpenAsync(new Uri(host.Address, "/components/vault/tool"));
        await browser.UntilAsync("document.title.startsWith('Not found')");
        await browser.ClickAsync("nav a[href^='/sign-in']");
        await browser.ClickAsync("a.button[href^='/sign-in/provider']");
        await browser.TypeAsync("input[name=login]", "ada");
        await browser.TypeAsync("input[name=password]", "anything");
        await browser.ClickAsync("button[type=submit]");
        // The provider asks whether the registry may know who it is.
        await browser.UntilAsync("document.querySelector('input[name=login]') === null && document.querySelector('button[type=submit]') !== null");
        await browser.ClickAsync("button[type=submit]");
        // Back on the page that was not there for strangers.
        await browser.UntilAsync("location.pathname === '/components/vault/tool' && document.title.startsWith('Greet')");
        Assert.Equal("ada", await browser.ReadAsync("document.querySelector('nav a[href=\"/account\"]').textContent"));
        await browser.ClickAsync("nav a[href='/account']");
        await browser.UntilAsync("document.querySelector('h1')?.textContent === 'ada of the provider'");
        Assert.Contains("publisher", await browser.ReadAsync("document.querySelector('main').textContent"), StringComparison.Ordinal);

        // The account page works in it, too.
        await browser.TypeAsync("#token-name", "from the browser");
        await browser.ClickAsync("form[action='/account/tokens'] button");
        await browser.UntilAsync("document.querySelector('#made') !== null");
        using var client = host.With((await browser.ReadAsync("document.querySelector('pre.copy code').textContent"))!);
        Assert.Equal(HttpStatusCode.OK, (await client.JsonAsync(HttpMethod.Get, "/api/v1/components/vault/tool")).Status);
        await browser.ClickAsync("form[action='/sign-out'] button");
        await browser.UntilAsync("document.querySelector('nav a[href^=\"/sign-in\"]') !== null");
    }
}
