using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Claimed.Database.Access;
using Claimed.Registry.Access.People;
using Claimed.TestKit;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Local people sign in; whoever may not learns nothing, and a link to the page leads nowhere else.</summary>
[Trait("Database", "any")]
public sealed class SignInTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    internal const string Password = "correct horse battery";
    private RegistryHost Host => registry.Host;

    [Fact]
    public async Task A_person_signs_in_and_goes_where_the_link_said()
    {
        await Host.PersonAsync("ada", Password);
        using var browser = new CookieBrowser(Host.Address);
        var answer = await browser.SubmitAsync("/sign-in?returnUrl=%2Fcomponents%2Facme%3Fq%3D1", "/sign-in", ("name", " Ada "), ("password", Password));
        Assert.Equal(HttpStatusCode.SeeOther, answer.Status);
        Assert.Equal("/components/acme?q=1", answer.Message.Headers.Location!.OriginalString);
        var cookie = answer.Message.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith(Session.Cookie, StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<a href=\"/account\"><bdi>ada</bdi></a>", (await browser.GetAsync("/")).Text, StringComparison.Ordinal);
        Assert.Equal("ada", (await browser.GetAsync("/api/v1/me"))["user"]);
    }

    [Fact]
    public async Task Nobody_a_wrong_password_and_a_disabled_person_get_the_same_answer()
    {
        await Host.PersonAsync("known", Password);
        await Host.PersonAsync("gone", Password);
        await Host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/gone", new { disabled = true });
        await Host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/without-password", new { displayName = "x" });
        var answers = new List<string>();
        foreach (var (name, password) in new[] { ("known", "wrong password 1"), ("gone", Password), ("without-password", ""), ("unknown", Password), ("Not A Name\u0001", Password), ("", "") })
        {
            using var browser = new CookieBrowser(Host.Address);
            var answer = await browser.SignInAsync(name, password);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
            Assert.DoesNotContain(answer.Message.Headers, header => header.Key == "Set-Cookie" && header.Value.Any(cookie => cookie.StartsWith(Session.Cookie, StringComparison.Ordinal)));
            answers.Add(Seal.Replace(answer.Text, ""));
        }
        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task Every_attempt_costs_one_hash_of_the_same_kind_whoever_it_is_for()
    {
        var hasher = new WatchedHasher();
        await using var host = await RegistryHost.StartAsync(adjust: builder => builder.Services.AddSingleton<IPasswordHasher<User>>(hasher));
        await host.PersonAsync("known", Password);
        await host.PersonAsync("gone", Password);
        await host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/gone", new { disabled = true });
        foreach (var name in new[] { "known", "gone", "unknown", "Not A Name", "" })
        {
            using var browser = new CookieBrowser(host.Address);
            hasher.Verified.Clear();
            await browser.SignInAsync(name, "wrong password 1");
            // Format, function, rounds and length of the salt are in the first 13 bytes.
            var hash = Convert.FromBase64String(Assert.Single(hasher.Verified));
            Assert.Equal(Convert.FromBase64String(hasher.Inner.HashPassword(new User { Name = "x" }, "x"))[..13], hash[..13]);
            Assert.Equal(61, hash.Length);
        }
    }

    [Fact]
    public async Task A_hash_of_an_older_kind_is_replaced_at_the_next_sign_in()
    {
        await using var host = await RegistryHost.StartAsync();
        await host.PersonAsync("old", Password);
        var old = new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = 10 })).HashPassword(new User { Name = "old" }, Password);
        await TestDatabase.ExecuteAsync(host.DataPath, $"UPDATE users SET \"PasswordHash\" = '{old}'");
        using var browser = new CookieBrowser(host.Address);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync("old", Password)).Status);
        Assert.NotEqual(old, (await TestDatabase.QueryAsync(host.DataPath, "SELECT \"PasswordHash\" FROM users")).Single());
        Assert.Equal("old", (await browser.GetAsync("/api/v1/me"))["user"]);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SubmitAsync("/account", "/sign-out")).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync("old", Password)).Status);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData(" //evil.example")]
    [InlineData("/.//evil.example")]
    [InlineData("/a/..//evil.example")]
    [InlineData("///evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil.example")]
    [InlineData("@evil.example")]
    [InlineData("http:evil.example")]
    public async Task A_return_address_that_is_not_ours_leads_to_the_start_page(string address)
    {
        await Host.PersonAsync("ada", Password);
        using var browser = new CookieBrowser(Host.Address);
        var answer = await browser.SubmitAsync("/sign-in", "/sign-in", ("name", "ada"), ("password", Password), ("returnUrl", address));
        Assert.Equal(HttpStatusCode.SeeOther, answer.Status);
        Assert.Equal("/", answer.Message.Headers.Location!.OriginalString);
        // Signed in already, the page leads on at once.
        var again = await browser.GetAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(address));
        Assert.Equal("/", again.Message.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/components/acme/x?version=1.0.0#use", "/components/acme/x?version=1.0.0#use")]
    [InlineData("/ü", "/%C3%BC")]
    [InlineData("/a//b", "/a//b")]
    [InlineData("/x\u0000", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void An_address_of_ours_stays_in_ascii_and_others_do_not(string? address, string expected) => Assert.Equal(expected, LocalAddress.Or(address));

    [Fact]
    public async Task Forms_without_this_browsers_seal_do_nothing()
    {
        await Host.PersonAsync("ada", Password);
        using var browser = new CookieBrowser(Host.Address);
        using var other = new CookieBrowser(Host.Address);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/sign-in", ("name", "ada"), ("password", Password))).Status);
        await browser.SignInAsync("ada", Password);
        foreach (var action in new[] { "/sign-out", "/account/tokens", "/account/tokens/1/revoke" })
        {
            var answer = await browser.PostAsync(action, ("name", "x"), ("scopes", "pull"), ("days", "1"));
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Equal("text/html; charset=utf-8", answer.ContentType);
        }
        // The seal of someone else's page.
        await Host.PersonAsync("eve", Password);
        await other.SignInAsync("eve", Password);
        var seal = SealValue.Match((await other.GetAsync("/account")).Text).Groups[1].Value;
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/account/tokens", ("__RequestVerificationToken", seal), ("name", "x"), ("scopes", "pull"), ("days", "1"))).Status);
        Assert.Empty((await browser.GetAsync("/api/v1/tokens")).Items);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_a_copy_of_its_cookie_too()
    {
        await Host.PersonAsync("ada", Password);
        using var browser = new CookieBrowser(Host.Address);
        using var thief = new CookieBrowser(Host.Address);
        await browser.SignInAsync("ada", Password);
        thief.Cookies.Add(browser.Cookies.GetCookies(Host.Address));
        Assert.Equal("ada", (await thief.GetAsync("/api/v1/me"))["user"]);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SubmitAsync("/account", "/sign-out")).Status);
        Assert.Contains("Sign in", (await browser.GetAsync("/")).Text, StringComparison.Ordinal);
        Assert.Equal("/sign-in?returnUrl=%2Faccount", (await browser.GetAsync("/account")).Message.Headers.Location!.OriginalString);
        Assert.Null((await thief.GetAsync("/api/v1/me"))["user"]);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync("ada", Password)).Status);
    }

    [Fact]
    public async Task Guessing_is_slowed_for_a_name_at_an_address_known_or_not_and_its_person_comes_in_elsewhere()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Limits:SignIns"] = "3", ["Access:TrustedProxies:0"] = "127.0.0.1" });
        await host.PersonAsync("ada", Password);
        async Task<Answer> TryAsync(string name, string password, string address)
        {
            using var browser = new CookieBrowser(host.Address, ("X-Forwarded-For", address));
            return await browser.SignInAsync(name, password);
        }
        foreach (var (name, address) in new[] { ("ada", "10.0.1."), ("nobody", "2001:db8:1:2::") })
        {
            // A minute may end between two attempts; addresses of one network of IPv6 are one.
            var answers = await TryManyAsync(8, turn => TryAsync(name, "wrong password 1", address.EndsWith(':') ? $"{address}{turn}" : address + "1"));
            Assert.InRange(answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests), 2, 5);
            Assert.All(answers, answer => Assert.Equal(answer.Status == HttpStatusCode.TooManyRequests, answer.Message.Headers.RetryAfter is not null));
        }
        for (var turn = 0; turn < 10; turn++)
            await TryAsync("ada", "wrong password 1", $"10.0.2.{turn}");
        Assert.Equal(HttpStatusCode.SeeOther, (await TryAsync("ada", Password, "10.0.3.1")).Status);
        // An office has more tries than one name, and a name more than one address; neither has endless ones.
        Assert.InRange((await TryManyAsync(34, turn => TryAsync($"n{turn}", "wrong password 1", "10.0.4.1"))).Count(answer => answer.Status == HttpStatusCode.TooManyRequests), 4, 19);
        Assert.InRange((await TryManyAsync(64, turn => TryAsync("sam", "wrong password 1", $"10.0.5.{turn}"))).Count(answer => answer.Status == HttpStatusCode.TooManyRequests), 4, 34);

        static async Task<List<Answer>> TryManyAsync(int times, Func<int, Task<Answer>> attempt)
        {
            var answers = new List<Answer>();
            for (var turn = 0; turn < times; turn++)
                answers.Add(await attempt(turn));
            return answers;
        }
    }

    [Fact]
    public async Task A_password_is_taken_as_it_is_typed_blanks_included()
    {
        await Host.PersonAsync("blank", "  twelve or more ");
        using var browser = new CookieBrowser(Host.Address);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.SignInAsync("blank", "twelve or more")).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync("blank", "  twelve or more ")).Status);
    }

    [Fact]
    public async Task Passwords_and_names_that_fail_are_in_no_audit_and_successes_are()
    {
        await Host.PersonAsync("audited", Password);
        using var browser = new CookieBrowser(Host.Address);
        await browser.SignInAsync("typed-a-secret-here", "another-secret-here");
        await browser.SignInAsync("audited", Password);
        var audit = await Host.AuditAsync("POST /sign-in");
        Assert.Contains("access.user-signed-in", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-here", audit, StringComparison.Ordinal);
    }

    private static readonly Regex Seal = new("<input type=\"hidden\"[^>]*>");
    private static readonly Regex SealValue = new("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"");

    private sealed class WatchedHasher : IPasswordHasher<User>
    {
        public PasswordHasher<User> Inner { get; } = new();

        public ConcurrentBag<string> Verified { get; } = [];

        public string HashPassword(User user, string password) => Inner.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
        {
            Verified.Add(hashedPassword);
            return Inner.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
