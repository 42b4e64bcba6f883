using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Claimed.Registry.Access.People;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Sign-in at an identity provider that behaves, rotates its keys, and misbehaves.</summary>
[Trait("Database", "any")]
public sealed class ProviderTests : IAsyncLifetime
{
    private TestProvider _provider = null!;
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await TestProvider.StartAsync();
        _host = await StartAsync(_provider.Settings, clock: _clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _provider.DisposeAsync();
    }

    private readonly ShiftedClock _clock = new();

    internal static Task<RegistryHost> StartAsync(IReadOnlyDictionary<string, string> settings, int? port = null, TimeProvider? clock = null)
    {
        var here = port ?? FreePorts.Next();
        return RegistryHost.StartAsync(new Dictionary<string, string>(settings) { ["Registry:PublicUrl"] = $"http://127.0.0.1:{here}" }, port: here,
            adjust: builder => builder.Services.AddSingleton(clock ?? TimeProvider.System));
    }

    /// <summary>Signs in as someone; the answer is the last page.</summary>
    private async Task<Answer> SignInAsync(CookieBrowser browser, JsonObject? person = null)
    {
        _provider.Person = person ?? new JsonObject { ["sub"] = "1" };
        return await browser.OpenAsync("/sign-in/provider?returnUrl=%2Faccount");
    }

    private async Task<string?> NameOfAsync(JsonObject person)
    {
        using var browser = new CookieBrowser(_host.Address);
        await SignInAsync(browser, person);
        return (await browser.GetAsync("/api/v1/me"))["user"];
    }

    [Fact]
    public async Task The_first_sign_in_makes_the_person_and_the_next_finds_it_whatever_it_is_called_then()
    {
        using var browser = new CookieBrowser(_host.Address);
        var page = await SignInAsync(browser, new() { ["sub"] = "42", ["preferred_username"] = "Ada.Lovelace", ["name"] = "Ada <b>Lovelace", ["groups"] = new JsonArray("ml", "ops") });
        Assert.Contains("<h1><bdi>Ada &lt;b&gt;Lovelace</bdi></h1>", page.Text, StringComparison.Ordinal);
        Assert.Contains("ml, ops", page.Text, StringComparison.Ordinal);
        Assert.Equal("ada.lovelace", await NameOfAsync(new() { ["sub"] = "42", ["preferred_username"] = "another" }));
        var users = (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/users")).Items;
        Assert.Single(users);
        Assert.False(users[0].GetProperty("local").GetBoolean());
    }

    [Fact]
    public async Task A_name_is_made_to_fit_and_never_anyone_elses()
    {
        await _host.PersonAsync("ada", SignInTests.Password);
        Assert.Equal("ada-2", await NameOfAsync(new() { ["sub"] = "1", ["preferred_username"] = "ada" }));
        Assert.Equal("ada-3", await NameOfAsync(new() { ["sub"] = "2", ["preferred_username"] = "ADA" }));
        Assert.Equal("ada-2", await NameOfAsync(new() { ["sub"] = "1", ["preferred_username"] = "ada" }));
        Assert.Equal("person-anonymous", await NameOfAsync(new() { ["sub"] = "3", ["preferred_username"] = "anonymous" }));
        Assert.Equal("bob@example.org", await NameOfAsync(new() { ["sub"] = "4", ["preferred_username"] = "<>", ["email"] = "Bob@Example.org" }));
        Assert.Equal("z-rich", await NameOfAsync(new() { ["sub"] = "5", ["preferred_username"] = "Zürich" }));
        Assert.Equal("person", await NameOfAsync(new() { ["sub"] = "\u00fc\u00fc" }));
        Assert.Equal(56, (await NameOfAsync(new() { ["sub"] = new string('s', 200) }))!.Length);
    }

    [Fact]
    public async Task Groups_give_roles_at_once_as_a_list_or_alone_and_are_those_of_the_last_sign_in()
    {
        await _host.CreateNamespaceAsync("team");
        await _host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/team", new { visibility = "private" });
        await _host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/team/members/group/ml", new { role = "publisher" });
        using var browser = new CookieBrowser(_host.Address);
        async Task<string?> RoleAsync() => (await browser.GetAsync("/api/v1/me"))["roles.team"];
        await SignInAsync(browser, new() { ["sub"] = "1", ["groups"] = new JsonArray("ml", "other") });
        Assert.Equal("publisher", await RoleAsync());
        await SignInAsync(browser, new() { ["sub"] = "1", ["groups"] = new JsonArray() });
        Assert.Null(await RoleAsync());
        await SignInAsync(browser, new() { ["sub"] = "1", ["groups"] = "ml" });
        Assert.Equal("publisher", await RoleAsync());
    }

    [Fact]
    public async Task Members_of_the_administrators_group_are_administrators()
    {
        await using var host = await StartAsync(new Dictionary<string, string>(_provider.Settings) { ["Access:Oidc:Administrators"] = "platform", ["Access:Oidc:GroupsClaim"] = "roles" });
        using var browser = new CookieBrowser(host.Address);
        _provider.Person = new() { ["sub"] = "1", ["roles"] = new JsonArray("platform") };
        await browser.OpenAsync("/sign-in/provider");
        Assert.Equal("true", (await browser.GetAsync("/api/v1/me"))["administrator"]);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/users")).Status);
        _provider.Person = new() { ["sub"] = "2", ["groups"] = new JsonArray("platform") };
        await browser.OpenAsync("/sign-in/provider");
        Assert.Equal("false", (await browser.GetAsync("/api/v1/me"))["administrator"]);
    }

    [Fact]
    public async Task A_disabled_person_cannot_sign_in()
    {
        var name = await NameOfAsync(new() { ["sub"] = "9", ["preferred_username"] = "gone" });
        await _host.Admin.JsonAsync(HttpMethod.Put, $"/api/v1/users/{name}", new { disabled = true });
        using var browser = new CookieBrowser(_host.Address);
        var page = await SignInAsync(browser, new() { ["sub"] = "9" });
        Assert.Contains("You may not sign in", page.Text, StringComparison.Ordinal);
        Assert.Null((await browser.GetAsync("/api/v1/me"))["user"]);
    }

    [Fact]
    public async Task Keys_rotate_without_a_failed_sign_in_and_unknown_keys_do_not_flood_the_provider()
    {
        Assert.Equal("1", await NameOfAsync(new() { ["sub"] = "1" }));
        foreach (var elliptic in new[] { true, false })
        {
            _clock.Shift += TimeSpan.FromSeconds(6);
            _provider.Rotate(elliptic);
            Assert.Equal("1", await NameOfAsync(new() { ["sub"] = "1" }));
        }
        var reads = _provider.KeyReads;
        _provider.Forge = token => $"{B64("""{"alg":"RS256","kid":"unknown","typ":"JWT"}""")}.{token.Split('.')[1]}.{token.Split('.')[2]}";
        for (var turn = 0; turn < 10; turn++)
            Assert.Null(await NameOfAsync(new() { ["sub"] = "1" }));
        Assert.InRange(_provider.KeyReads - reads, 0, 1);
    }

    [Theory]
    [InlineData("audience")]
    [InlineData("issuer")]
    [InlineData("nonce")]
    [InlineData("no nonce")]
    [InlineData("expired")]
    [InlineData("future")]
    [InlineData("no end")]
    [InlineData("no subject")]
    [InlineData("alg none")]
    [InlineData("alg none signed")]
    [InlineData("another's claims")]
    [InlineData("HMAC with the public key")]
    [InlineData("garbage")]
    public async Task A_token_that_is_not_right_signs_nobody_in(string fault)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        _provider.Twist = fault switch
        {
            "audience" => claims => claims["aud"] = "another",
            "issuer" => claims => claims["iss"] = "https://evil.example",
            "nonce" => claims => claims["nonce"] = "another",
            "no nonce" => claims => claims.Remove("nonce"),
            "expired" => claims => (claims["iat"], claims["exp"]) = (now - 900, now - 600),
            "future" => claims => (claims["nbf"], claims["exp"]) = (now + 600, now + 900),
            "no end" => claims => claims.Remove("exp"),
            "no subject" => claims => claims.Remove("sub"),
            _ => null,
        };
        _provider.Forge = fault switch
        {
            "alg none" => token => $"{B64("""{"alg":"none","typ":"JWT"}""")}.{token.Split('.')[1]}.",
            "alg none signed" => token => $"{B64("""{"alg":"none","typ":"JWT"}""")}.{token.Split('.')[1]}.{token.Split('.')[2]}",
            "another's claims" => token => $"{token.Split('.')[0]}.{B64("""{"sub":"1"}""")}.{token.Split('.')[2]}",
            "HMAC with the public key" => token =>
            {
                var text = $"{B64("""{"alg":"HS256","typ":"JWT"}""")}.{token.Split('.')[1]}";
                return $"{text}.{System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.HMACSHA256.HashData("a secret"u8.ToArray(), Encoding.ASCII.GetBytes(text)))}";
            }
            ,
            "garbage" => _ => "<script>alert(1)</script>",
            _ => null,
        };
        using var browser = new CookieBrowser(_host.Address);
        var page = await SignInAsync(browser);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("The identity provider&#x27;s answer could not be used.", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page.Text, StringComparison.Ordinal);
        Assert.Null((await browser.GetAsync("/api/v1/me"))["user"]);
        Assert.Empty((await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/users")).Items);
    }

    [Fact]
    public async Task An_error_of_the_provider_is_told_in_our_own_words()
    {
        using var browser = new CookieBrowser(_host.Address);
        _provider.Refusal = "error=access_denied&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E";
        Assert.Contains("did not let you in", (await SignInAsync(browser)).Text, StringComparison.Ordinal);
        _provider.Refusal = "error=server_error&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E";
        var page = await SignInAsync(browser);
        Assert.Contains("could not be used", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(1)", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(1)", await _host.AuditAsync("refused sign-in: declined"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_another_browser_asked_for_signs_nobody_in()
    {
        using var attacker = new CookieBrowser(_host.Address);
        using var victim = new CookieBrowser(_host.Address);
        _provider.Person = new() { ["sub"] = "attacker" };
        var toProvider = (await attacker.GetAsync("/sign-in/provider")).Message.Headers.Location!;
        var back = (await attacker.GetAsync(toProvider.AbsoluteUri)).Message.Headers.Location!;
        Assert.Contains("began at another address", (await victim.OpenAsync(back.AbsoluteUri)).Text, StringComparison.Ordinal);
        Assert.Null((await victim.GetAsync("/api/v1/me"))["user"]);
        foreach (var made in new[] { "/sign-in/return", "/sign-in/return?code=x&state=y", "/sign-in/return?state=%00" })
            Assert.True((int)(await victim.GetAsync(made)).Status < 500);
        // The one who asked is signed in with it, once.
        await attacker.OpenAsync(back.AbsoluteUri);
        Assert.Equal("attacker", (await attacker.GetAsync("/api/v1/me"))["user"]);
        using var again = new CookieBrowser(_host.Address);
        await again.OpenAsync(back.AbsoluteUri);
        Assert.Null((await again.GetAsync("/api/v1/me"))["user"]);
    }

    [Fact]
    public async Task A_provider_that_is_away_is_said_to_be_and_local_people_still_sign_in()
    {
        await using var host = await StartAsync(new Dictionary<string, string>(_provider.Settings) { ["Access:Oidc:Authority"] = $"http://127.0.0.1:{FreePorts.Next()}" });
        using var browser = new CookieBrowser(host.Address);
        Assert.Contains("does not answer", (await browser.OpenAsync("/sign-in/provider")).Text, StringComparison.Ordinal);
        await host.PersonAsync("ada", SignInTests.Password);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync("ada", SignInTests.Password)).Status);
    }

    [Fact]
    public async Task The_page_offers_the_provider_and_the_password_only_to_whom_it_is_of_use()
    {
        Assert.DoesNotContain("type=\"password\"", (await _host.GetAsync("/sign-in")).Text, StringComparison.Ordinal);
        Assert.Contains("href=\"/sign-in/provider?returnUrl=%2Fcomponents%2Fa\">Sign in with Test<", (await _host.GetAsync("/sign-in?returnUrl=/components/a")).Text, StringComparison.Ordinal);
        await _host.PersonAsync("ada", SignInTests.Password);
        Assert.Contains("type=\"password\"", (await _host.GetAsync("/sign-in")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_redirect_names_the_public_address_and_the_proof_whatever_the_request_said()
    {
        using var browser = new CookieBrowser(_host.Address);
        var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in/provider");
        request.Headers.Host = "evil.example";
        var query = System.Web.HttpUtility.ParseQueryString((await browser.SendAsync(request)).Message.Headers.Location!.Query);
        Assert.Equal($"{_host.Address}sign-in/return", query["redirect_uri"]);
        Assert.Equal(("S256", "code"), (query["code_challenge_method"], query["response_type"]));
    }

    [Theory]
    [InlineData("ftp://x", "client", null, "Authority")]
    [InlineData("http://x", "client", null, "https")]
    [InlineData("https://x", null, null, "ClientId")]
    [InlineData("https://x", "client", "/no/such/file", "ClientSecretFile")]
    public void Settings_that_cannot_work_stop_the_start(string authority, string? client, string? file, string word) =>
        Assert.Contains(word, new ProviderOptions { Authority = authority, ClientId = client, ClientSecretFile = file }.Fault(), StringComparison.Ordinal);

    private static string B64(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
