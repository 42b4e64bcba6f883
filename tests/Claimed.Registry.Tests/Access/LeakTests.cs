using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Access.Tokens;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Tokens that secret scanners find are over at once, and only scanners are believed.</summary>
public sealed class LeakTests(LeakTests.Scanner scanner) : IClassFixture<LeakTests.Scanner>
{
    private RegistryHost Host => scanner.Host;

    [Theory]
    [InlineData("Github-")]
    [InlineData("X-")]
    public async Task A_found_token_is_revoked_at_once_and_the_event_says_where_it_was(string prefix)
    {
        var space = $"leaky-{prefix.Length}";
        await Host.CreateNamespaceAsync(space);
        var token = await Host.NamespaceTokenAsync($"{space}/*", "publish pull");
        var client = Host.With(token);
        Assert.Equal(HttpStatusCode.OK, (await client.JsonAsync(HttpMethod.Get, "/api/v1/me")).Status);
        var unknown = TokenText.New();
        var answer = await scanner.ReportAsync(Report((token, $"https://example.invalid/a?q={token}"), (unknown, "https://example.invalid/b")), prefix: prefix);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal([("true_positive", HashOf(token)), ("false_positive", HashOf(unknown))],
            answer.Json.EnumerateArray().Select(entry => (entry.GetProperty("label").GetString()!, entry.GetProperty("token_hash").GetString()!)));
        Assert.Equal("claimed_token", answer.Json[0].GetProperty("token_type").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.JsonAsync(HttpMethod.Get, "/api/v1/me")).Status);

        var events = await Host.Admin.SendAsync(HttpMethod.Get, "/api/v1/events?after=0&limit=500");
        var told = Assert.Single(events.Items, entry => entry.GetProperty("kind").GetString() == "access.token-leaked" && entry.GetProperty("payload").GetProperty("name").GetString()!.Contains(space, StringComparison.Ordinal));
        Assert.Equal(("https://example.invalid/a?q=…", "content"), (told.GetProperty("payload").GetProperty("url").GetString(), told.GetProperty("payload").GetProperty("source").GetString()));
        Assert.DoesNotContain(token, events.Text, StringComparison.Ordinal);
        var line = Assert.Single((await Host.Admin.JsonAsync(HttpMethod.Get, $"/api/v1/namespaces/{space}/audit")).Items, entry => entry.GetProperty("action").GetString() == "access.token-leaked");
        Assert.Equal("secret scanner scanner-1", line.GetProperty("who").GetString());
        Assert.Equal("true_positive", (await scanner.ReportAsync(Report((token, "https://example.invalid/again"))))?.Json[0].GetProperty("label").GetString());
    }

    [Fact]
    public async Task A_report_that_is_not_signed_by_a_configured_key_changes_nothing()
    {
        await Host.CreateNamespaceAsync("safe");
        var token = await Host.NamespaceTokenAsync("safe/*", "pull");
        var body = Report((token, "https://example.invalid/a"));
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var answer in (Answer[])
        [
            await scanner.ReportAsync(body, keyId: "scanner-2"),
            await scanner.ReportAsync(body, key: foreign),
            await scanner.ReportAsync(body, signature: "AAAA"),
            await scanner.ReportAsync(body, signature: "no base64!"),
            await scanner.ReportAsync(body, signature: ""),
            await scanner.ReportAsync(body, signature: scanner.Sign(Encoding.UTF8.GetBytes(body + " "))),
            await Host.Admin.SendAsync(HttpMethod.Post, "/api/v1/tokens/leaks", Changes.Json(body)),
        ])
            Assert.Equal((HttpStatusCode.Unauthorized, "bad-signature"), (answer.Status, answer["type"]));
        Assert.Equal(HttpStatusCode.OK, (await Host.With(token).JsonAsync(HttpMethod.Get, "/api/v1/me")).Status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("[null]")]
    [InlineData("null")]
    [InlineData("[{\"token\": 5}]")]
    [InlineData("[{\"token\": \"\\ud800\"}]")]
    [InlineData("nonsense")]
    public async Task A_signed_report_that_cannot_be_read_is_refused(string body)
    {
        var answer = await scanner.ReportAsync(body);
        Assert.Equal((HttpStatusCode.BadRequest, "malformed-json"), (answer.Status, answer["type"]));
    }

    [Fact]
    public async Task A_report_is_bounded()
    {
        Assert.Equal(HttpStatusCode.OK, (await scanner.ReportAsync(Report([.. Enumerable.Range(0, 1000).Select(number => ($"t{number}", "https://example.invalid"))]))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await scanner.ReportAsync(Report([.. Enumerable.Range(0, 1001).Select(number => ($"t{number}", "u"))]))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await scanner.ReportAsync(Report((new string('x', 1024 * 1024), "u")))).Status);
    }

    [Fact]
    public async Task The_administrators_token_of_the_settings_is_over_until_the_settings_have_another()
    {
        var data = Directory.CreateTempSubdirectory("claimed-test-").FullName;
        await using (var host = await RegistryHost.StartAsync(scanner.KeySettings, data))
        {
            Assert.Equal(HttpStatusCode.OK, (await scanner.ReportAsync(Report((RegistryHost.AdminToken, "https://example.invalid/env")), host: host)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.Admin.JsonAsync(HttpMethod.Get, "/api/v1/users")).Status);
        }
        await using (var host = await RegistryHost.StartAsync(scanner.KeySettings, data))
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.Admin.JsonAsync(HttpMethod.Get, "/api/v1/users")).Status);
        const string another = "another-administrator-token";
        await using (var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Registry:AdminToken"] = another }, data))
        {
            using var administrator = host.With(another);
            Assert.Equal(HttpStatusCode.OK, (await administrator.JsonAsync(HttpMethod.Get, "/api/v1/users")).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.Admin.JsonAsync(HttpMethod.Get, "/api/v1/users")).Status);
        }
        // Changing the setting withdraws what it was.
        await using (var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Registry:AdminToken"] = another + "-2" }, data))
        {
            using var before = host.With(another);
            Assert.Equal(HttpStatusCode.Unauthorized, (await before.JsonAsync(HttpMethod.Get, "/api/v1/users")).Status);
        }
        await TestDatabase.DropAsync(data);
        Directory.Delete(data, recursive: true);
    }

    private static string Report(params IReadOnlyList<(string Token, string Url)> found) =>
        JsonSerializer.Serialize(found.Select(leak => new { token = leak.Token, type = "claimed_token", url = leak.Url, source = "content" }));

    private static string HashOf(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>A registry and the scanner that it knows.</summary>
    public sealed class Scanner : SharedRegistry
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public Dictionary<string, string> KeySettings => new() { ["Access:LeakKeys:scanner-1"] = _key.ExportSubjectPublicKeyInfoPem() };

        protected override IReadOnlyDictionary<string, string> Settings => KeySettings;

        public string Sign(byte[] body, ECDsa? key = null) => Convert.ToBase64String((key ?? _key).SignData(body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

        public Task<Answer> ReportAsync(string body, string keyId = "scanner-1", ECDsa? key = null, string? signature = null, string prefix = "Github-", RegistryHost? host = null)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            return (host ?? Host).Anonymous.SendAsync(HttpMethod.Post, "/api/v1/tokens/leaks", new ByteArrayContent(bytes),
                ($"{prefix}Public-Key-Identifier", keyId), ($"{prefix}Public-Key-Signature", signature ?? Sign(bytes, key)));
        }
    }
}
