using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Security headers, and what is believed of proxies.</summary>
[Trait("Database", "any")]
public sealed class BrowserSafetyTests
{
    private static readonly string[] Everything = ["/", "/sign-in", "/components/no/where", "/api/v1/components", "/api/v1/components/no/where", "/api/v1/me", "/health/ready", "/v2/", "/token", "/swagger/v1/openapi.json", "/swagger/index.html",
        "/nothing", "/assets/registry.css", "/api/v1/components?limit=x", "/api/v1/components?q=%00"];

    [Fact]
    public async Task Every_answer_forbids_guessing_types_and_pages_and_problems_forbid_frames_and_referrers()
    {
        await using var host = await RegistryHost.StartAsync();
        foreach (var path in Everything)
        {
            for (var turn = 0; turn < 2; turn++)
            {
                var answer = await host.GetAsync(path);
                var headers = answer.Message.Headers;
                Assert.Equal("nosniff", headers.GetValues("X-Content-Type-Options").Single());
                Assert.False(headers.Contains("Strict-Transport-Security"));
                if (answer.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true && path != "/swagger/v1/openapi.json")
                    continue;
                Assert.Equal("no-referrer", headers.GetValues("Referrer-Policy").Single());
                Assert.Contains("frame-ancestors 'none'", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Behind_tls_cookies_are_secure_and_browsers_are_told_to_stay_there()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Registry:PublicUrl"] = "https://registry.example.org" });
        await host.PersonAsync("ada", SignInTests.Password);
        foreach (var path in Everything)
            Assert.Equal("max-age=31536000", (await host.GetAsync(path)).Message.Headers.GetValues("Strict-Transport-Security").Single());
        var page = await host.GetAsync("/sign-in");
        Assert.All(page.Message.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("httponly", page.Message.Headers.GetValues("Set-Cookie").Single(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(null, "10.9.8.7", "127.0.0.1")]
    [InlineData("192.168.0.0/16", "10.9.8.7", "127.0.0.1")]
    [InlineData("127.0.0.0/8", "10.9.8.7", "10.9.8.7")]
    [InlineData("127.0.0.1", "10.9.8.7", "10.9.8.7")]
    [InlineData("127.0.0.1", "6.6.6.6, 10.9.8.7", "10.9.8.7")]
    [InlineData("127.0.0.1", "nonsense", "127.0.0.1")]
    public async Task The_audit_has_the_address_that_a_trusted_proxy_names_and_believes_nobody_else(string? trusted, string forwarded, string expected)
    {
        await using var host = await RegistryHost.StartAsync(trusted is null ? null : new Dictionary<string, string> { ["Access:TrustedProxies:0"] = trusted });
        var answer = await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/namespaces/acme", null, ("X-Forwarded-For", forwarded), ("X-Forwarded-Proto", "https"));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var entry = (await host.Admin.SendAsync(HttpMethod.Get, "/api/v1/audit")).Items.First(entry => entry.GetProperty("action").GetString()!.StartsWith("namespace.", StringComparison.Ordinal));
        Assert.Equal(expected, entry.GetProperty("address").GetString());
    }

    [Fact]
    public async Task An_image_client_behind_a_trusted_proxy_is_sent_to_the_public_address()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Access:TrustedProxies:0"] = "127.0.0.1", ["Registry:PublicUrl"] = "https://registry.example.org" });
        foreach (var header in new[] { "X-Forwarded-Proto", "X-Forwarded-Host" })
        {
            var answer = await host.Anonymous.SendAsync(HttpMethod.Get, "/v2/", null, ("Host", "internal"), (header, "https"));
            Assert.StartsWith("realm=\"https://registry.example.org/token\",", answer.Message.Headers.WwwAuthenticate.Single().Parameter, StringComparison.Ordinal);
        }
        var direct = await host.Anonymous.SendAsync(HttpMethod.Get, "/v2/", null, ("Host", "internal"));
        Assert.StartsWith("realm=\"http://internal/token\",", direct.Message.Headers.WwwAuthenticate.Single().Parameter, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_is_no_address_stops_the_start_with_a_sentence()
    {
        var fault = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => RegistryHost.StartAsync(new Dictionary<string, string> { ["Access:TrustedProxies:0"] = "proxy.example" }));
        Assert.Contains("proxy.example", fault.Message, StringComparison.Ordinal);
    }
}
