using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Claimed.Registry.Access.People;
using Claimed.Registry.Http;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>What a browser's session is good for, and when it is over.</summary>
[Trait("Database", "any")]
public sealed class SessionTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private const string Password = SignInTests.Password;
    private RegistryHost Host => registry.Host;

    private async Task<CookieBrowser> SignInAsync(string name)
    {
        await Host.PersonAsync(name, Password);
        var browser = new CookieBrowser(Host.Address);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync(name, Password)).Status);
        return browser;
    }

    private static async Task<bool> IsSignedInAsync(CookieBrowser browser) => (await browser.GetAsync("/api/v1/me"))["user"] is not null;

    [Fact]
    public async Task A_private_namespace_is_seen_in_a_session_and_never_kept_for_others()
    {
        await Host.CreateNamespaceAsync("hidden", isPrivate: true, ("rita", "reader"));
        await Host.PublishReadyAsync("hidden", "thing", "1.0.0");
        using var browser = await SignInAsync("rita");
        using var stranger = await SignInAsync("sam");
        string[] paths = ["/", "/components/hidden", "/components/hidden/thing", "/api/v1/components", "/api/v1/components/hidden/thing", "/catalogs/elyra/hidden/catalog.json"];
        foreach (var path in paths)
        {
            for (var turn = 0; turn < 2; turn++)
            {
                var seen = await browser.GetAsync(path);
                Assert.Equal(HttpStatusCode.OK, seen.Status);
                Assert.Contains("hidden", seen.Text, StringComparison.Ordinal);
                Assert.Contains("private", seen.Message.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
                foreach (var (other, who) in new[] { (await Host.GetAsync(path), "anonymous"), (await stranger.GetAsync(path), "stranger") })
                {
                    Assert.True(path is "/" or "/api/v1/components" ? other.Status == HttpStatusCode.OK : other.Status == HttpStatusCode.NotFound, $"{who} {path}");
                    Assert.DoesNotContain("hidden/thing", path.Contains("hidden", StringComparison.Ordinal) ? "" : other.Text, StringComparison.Ordinal);
                    Assert.DoesNotContain("rita", other.Text, StringComparison.Ordinal);
                }
            }
        }
        var cache = Host.Services.GetRequiredService<ReadCache>();
        Assert.True(cache.TryFind("/api/v1/components", out var kept));
        Assert.DoesNotContain("hidden", System.Text.Encoding.UTF8.GetString(Assert.IsType<Served>(kept).Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_the_signed_in_are_kept_by_no_cache_and_forms_go_to_this_registry_alone()
    {
        using var browser = await SignInAsync("ada");
        // The catalog's form only asks for what is searched for.
        foreach (var (path, forms) in new[] { ("/", "'self'"), ("/account", "'self'"), ("/components/no/where", "'none'") })
        {
            var page = await browser.GetAsync(path);
            Assert.Equal("no-store, private", page.Message.Headers.CacheControl!.ToString());
            Assert.Contains($"form-action {forms}", page.Message.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        }
        Assert.True((await Host.GetAsync("/sign-in")).Message.Headers.CacheControl!.NoStore);
        Assert.Equal("no-cache", (await Host.GetAsync("/")).Message.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task The_cookie_alone_changes_nothing_through_the_api()
    {
        await Host.CreateNamespaceAsync("owned", isPrivate: false, ("olga", "owner"));
        using var browser = await SignInAsync("olga");
        foreach (var (method, path) in new[] { ("PUT", "/api/v1/namespaces/other"), ("PATCH", "/api/v1/namespaces/owned"), ("POST", "/api/v1/tokens"), ("DELETE", "/api/v1/tokens/1"), ("PUT", "/api/v1/components/owned/x/versions/1.0.0") })
        {
            var answer = await browser.SendAsync(new HttpRequestMessage(new HttpMethod(method), path) { Content = JsonContent.Create(new { name = "x" }) });
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        }
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/v2/")).Status);
    }

    [Fact]
    public async Task A_token_that_is_sent_counts_before_the_session()
    {
        using var browser = await SignInAsync("ada");
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/me");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", RegistryHost.AdminToken);
        Assert.Null((await browser.SendAsync(request))["user"]);
    }

    [Theory]
    [InlineData("""{"password": "another password 1"}""")]
    [InlineData("""{"disabled": true}""")]
    public async Task A_new_password_or_being_disabled_ends_the_session(string change)
    {
        var name = $"ended-{change.Length}";
        using var browser = await SignInAsync(name);
        Assert.True(await IsSignedInAsync(browser));
        await Host.Admin.SendAsync(HttpMethod.Put, $"/api/v1/users/{name}", new StringContent(change, System.Text.Encoding.UTF8, "application/json"));
        Assert.False(await IsSignedInAsync(browser));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/account")).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/account/tokens", ("name", "x"))).Status);
    }

    [Fact]
    public async Task A_session_of_a_cookie_that_someone_changed_is_none()
    {
        using var browser = new CookieBrowser(Host.Address);
        foreach (var value in new[] { "x", "CfDJ8AAAA", "chunks-2", new string('a', 3000), "%00" })
        {
            browser.Cookies.SetCookies(Host.Address, $"{Session.Cookie}={value}");
            Assert.Null((await browser.GetAsync("/api/v1/me"))["user"]);
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).Status);
        }
    }

    [Fact]
    public async Task A_session_ends_after_twelve_idle_hours_and_after_seven_days_in_any_case()
    {
        var clock = new ShiftedClock();
        await using var host = await RegistryHost.StartAsync(adjust: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await host.PersonAsync("ada", Password);
        using var browser = new CookieBrowser(host.Address);
        await browser.SignInAsync("ada", Password);
        using var idle = new CookieBrowser(host.Address);
        idle.Cookies.Add(browser.Cookies.GetCookies(host.Address));
        await MoveAsync(7);
        Assert.True(await IsSignedInAsync(browser));
        await MoveAsync(6);
        Assert.True(await IsSignedInAsync(browser));
        Assert.False(await IsSignedInAsync(idle));
        for (var hours = 13; hours + 8 < 7 * 24; hours += 8)
        {
            await MoveAsync(8);
            Assert.True(await IsSignedInAsync(browser));
        }
        await MoveAsync(9);
        Assert.False(await IsSignedInAsync(browser));

        async Task MoveAsync(int hours)
        {
            clock.Shift += TimeSpan.FromHours(hours);
            // The database has not been heard of for so long, until it is asked again a moment later.
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while ((await host.Admin.SendAsync(HttpMethod.Get, "/api/v1/me")).Status != HttpStatusCode.OK)
                await timer.WaitForNextTickAsync();
        }
    }

    [Fact]
    public async Task Sessions_go_on_over_a_restart_and_their_keys_are_readable_by_the_registry_alone()
    {
        var data = Directory.CreateTempSubdirectory("claimed-session-").FullName;
        try
        {
            using var browser = new CookieBrowser(await FirstRunAsync(data));
            var port = browser.Address.Port;
            await using (var host = await RegistryHost.StartAsync(dataPath: data, port: port))
            {
                await host.PersonAsync("ada", Password);
                await browser.SignInAsync("ada", Password);
            }
            await using (await RegistryHost.StartAsync(dataPath: data, port: port))
                Assert.True(await IsSignedInAsync(browser));
            var files = Directory.GetFiles(Path.Combine(data, "keys", "dataprotection"));
            Assert.NotEmpty(files);
            foreach (var file in files)
                Assert.Equal("600", (await Shell.RunAsync("stat", ["-c", "%a", file])).Succeeded());
        }
        finally
        {
            await TestDatabase.DropAsync(data);
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task<Uri> FirstRunAsync(string data)
    {
        await using var host = await RegistryHost.StartAsync(dataPath: data, port: FreePorts.Next());
        return host.Address;
    }
}
