using System.Net;
using System.Text.RegularExpressions;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>The page of one's account makes and revokes tokens as the API does, and shows a token once.</summary>
[Trait("Database", "any")]
public sealed partial class AccountPageTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private RegistryHost Host => registry.Host;

    private async Task<CookieBrowser> SignInAsync(string name, bool isAdministrator = false)
    {
        await Host.PersonAsync(name, SignInTests.Password);
        if (isAdministrator)
            await Host.Admin.JsonAsync(HttpMethod.Put, $"/api/v1/users/{name}", new { administrator = true });
        var browser = new CookieBrowser(Host.Address);
        await browser.SignInAsync(name, SignInTests.Password);
        return browser;
    }

    [Fact]
    public async Task A_token_is_shown_once_works_as_it_was_wished_and_is_revoked_by_its_button()
    {
        await Host.CreateNamespaceAsync("mine", isPrivate: true, ("ada", "publisher"));
        using var browser = await SignInAsync("ada");
        var page = await browser.SubmitAsync("/account", "/account/tokens", ("name", "laptop <1>"), ("scopes", "pull"), ("scopes", "publish"), ("pattern", "mine/*"), ("days", "7"));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.True(page.Message.Headers.CacheControl!.NoStore);
        var token = TokenTexts.Match(page.Text).Value;
        Assert.Contains("laptop &lt;1&gt;", page.Text, StringComparison.Ordinal);
        using var client = Host.With(token);
        var me = await client.JsonAsync(HttpMethod.Get, "/api/v1/me");
        Assert.Equal(("ada", "mine/*", """["pull","publish"]"""), (me["user"], me["pattern"], me["scopes"]));

        var again = await browser.GetAsync("/account");
        Assert.DoesNotContain(token, again.Text, StringComparison.Ordinal);
        Assert.Contains("mine</a> publisher", again.Text, StringComparison.Ordinal);
        var action = RevokeForms.Match(again.Text).Groups[1].Value;
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SubmitAsync("/account", action)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.JsonAsync(HttpMethod.Get, "/api/v1/me")).Status);
        var audit = await Host.AuditAsync("access.token-revoked");
        Assert.DoesNotContain(token, audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "pull", "*", "7", 422)]
    [InlineData("x", "", "*", "7", 422)]
    [InlineData("x", "everything", "*", "7", 422)]
    [InlineData("x", "pull", "A B", "7", 422)]
    [InlineData("x", "pull", "*", "-1", 422)]
    [InlineData("x", "pull", "*", "99999", 422)]
    [InlineData("x\u0001", "pull", "*", "1", 422)]
    [InlineData("x", "admin", "*", "7", 403)]
    public async Task What_makes_no_sense_or_is_too_much_makes_no_token(string name, string scope, string pattern, string days, int status)
    {
        using var browser = await SignInAsync("bob");
        var page = await browser.SubmitAsync("/account", "/account/tokens", ("name", name), ("scopes", scope), ("pattern", pattern), ("days", days));
        Assert.Equal(status, (int)page.Status);
        Assert.Contains("role=\"alert\"", page.Text, StringComparison.Ordinal);
        Assert.Empty((await browser.GetAsync("/api/v1/tokens")).Items);
    }

    [Fact]
    public async Task An_administrator_is_offered_the_scope_admin_and_others_are_not()
    {
        using var admin = await SignInAsync("root", isAdministrator: true);
        using var other = await SignInAsync("carl");
        Assert.Contains("value=\"admin\"", (await admin.GetAsync("/account")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"admin\"", (await other.GetAsync("/account")).Text, StringComparison.Ordinal);
        var page = await admin.SubmitAsync("/account", "/account/tokens", ("name", "ops"), ("scopes", "admin"), ("pattern", "*"), ("days", "0"));
        using var client = Host.With(TokenTexts.Match(page.Text).Value);
        Assert.Equal(HttpStatusCode.OK, (await client.JsonAsync(HttpMethod.Get, "/api/v1/users")).Status);
    }

    [Fact]
    public async Task Nobody_revokes_the_token_of_someone_else()
    {
        using var dora = await SignInAsync("dora");
        using var eve = await SignInAsync("eve");
        await dora.SubmitAsync("/account", "/account/tokens", ("name", "hers"), ("scopes", "pull"), ("pattern", "*"), ("days", "7"));
        var action = RevokeForms.Match((await dora.GetAsync("/account")).Text).Groups[1].Value;
        await eve.SubmitAsync("/account", "/account/tokens", ("name", "own"), ("scopes", "pull"), ("pattern", "*"), ("days", "7"));
        var seal = SealValue.Match((await eve.GetAsync("/account")).Text).Groups[1].Value;
        Assert.Equal(HttpStatusCode.SeeOther, (await eve.PostAsync(action, ("__RequestVerificationToken", seal))).Status);
        Assert.Single((await dora.GetAsync("/api/v1/tokens")).Items);
    }

    [GeneratedRegex("clmt_[0-9A-Za-z]{49}")]
    private static partial Regex TokenTexts { get; }

    [GeneratedRegex("action=\"(/account/tokens/[0-9]+/revoke)\"")]
    private static partial Regex RevokeForms { get; }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex SealValue { get; }
}
