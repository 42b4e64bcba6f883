using System.Net;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>How the registry comes by the keys of issuers, and what settings it takes.</summary>
[Trait("Database", "any")]
public sealed class TrustIssuerTests
{
    [Fact]
    public async Task Keys_that_the_issuer_changes_are_read_anew_and_made_up_ones_do_not_hammer_it()
    {
        await using var issuer = await TestIssuer.StartAsync();
        var clock = new SetClock();
        await using var host = await RegistryHost.StartAsync(Trust.Settings(("github", "GitHub", issuer)),
            adjust: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await host.CreateNamespaceAsync("keys");
        await host.TrustAsync("keys/*", "github", ("repository_id", "1296269"));
        Assert.Equal(HttpStatusCode.Created, (await host.ExchangeAsync(issuer.SignJob(), "keys")).Status);
        Assert.Equal(HttpStatusCode.Created, (await host.ExchangeAsync(issuer.SignJob(how: Signing.Ec), "keys")).Status);
        Assert.Equal(1, issuer.Asked);

        clock.Ahead += TimeSpan.FromSeconds(11);
        var old = issuer.SignJob();
        issuer.Rotate();
        Assert.Equal(HttpStatusCode.Created, (await host.ExchangeAsync(issuer.SignJob(), "keys")).Status);
        Assert.Equal(2, issuer.Asked);
        Assert.Equal("assertion-signature", (await host.ExchangeAsync(old, "keys"))["type"]);

        var answers = await Race.RunAsync(20, _ => host.ExchangeAsync(issuer.SignJob(how: Signing.UnknownKey), "keys"));
        Assert.Equal("20×401", answers.Statuses());
        Assert.Equal(2, issuer.Asked);
        clock.Ahead += TimeSpan.FromSeconds(11);
        await Race.RunAsync(20, _ => host.ExchangeAsync(issuer.SignJob(how: Signing.UnknownKey), "keys"));
        Assert.Equal(3, issuer.Asked);
    }

    [Fact]
    public async Task A_jobs_token_is_over_after_fifteen_minutes()
    {
        await using var issuer = await TestIssuer.StartAsync();
        var clock = new SetClock();
        await using var host = await RegistryHost.StartAsync(Trust.Settings(("github", "GitHub", issuer)), adjust: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await host.CreateNamespaceAsync("short");
        await host.TrustAsync("short/*", "github", ("repository_id", "1296269"));
        var job = host.With((await host.ExchangeAsync(issuer.SignJob(), "short"))["token"]!);
        clock.Ahead = TimeSpan.FromMinutes(14);
        Assert.Equal(HttpStatusCode.OK, await SetClock.AskAsync(job));
        clock.Ahead = TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1);
        Assert.Equal(HttpStatusCode.Unauthorized, await SetClock.AskAsync(job));
    }

    [Fact]
    public async Task An_issuer_that_is_away_is_a_503_until_it_is_back_and_known_keys_go_on_to_count()
    {
        await using var issuer = await TestIssuer.StartAsync();
        var clock = new SetClock();
        await using var host = await RegistryHost.StartAsync(Trust.Settings(("github", "GitHub", issuer)),
            adjust: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await host.CreateNamespaceAsync("away");
        await host.TrustAsync("away/*", "github", ("repository_id", "1296269"));
        issuer.IsAway = true;
        var answer = await host.ExchangeAsync(issuer.SignJob(), "away");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "issuer-unreachable", true), (answer.Status, answer["type"], answer.Message.Headers.RetryAfter is not null));
        issuer.IsAway = false;
        clock.Ahead += TimeSpan.FromSeconds(11);
        Assert.Equal(HttpStatusCode.Created, (await host.ExchangeAsync(issuer.SignJob(), "away")).Status);
        issuer.IsAway = true;
        clock.Ahead += TimeSpan.FromHours(2);
        Assert.Equal(HttpStatusCode.Created, (await host.ExchangeAsync(issuer.SignJob(more: [("iat", null), ("nbf", null), ("exp", (clock.GetUtcNow() + TimeSpan.FromMinutes(1)).ToUnixTimeSeconds())]), "away")).Status);
    }

    [Fact]
    public async Task Clusters_that_call_themselves_alike_are_told_apart_by_their_keys_in_files()
    {
        await using var one = await TestIssuer.StartAsync();
        await using var two = await TestIssuer.StartAsync();
        var folder = Directory.CreateTempSubdirectory("claimed-test-").FullName;
        var settings = new Dictionary<string, string>();
        foreach (var (name, issuer) in ((string, TestIssuer)[])[("east", one), ("west", two)])
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), issuer.Keys);
            settings[$"Access:Issuers:{name}:Url"] = "https://kubernetes.default.svc.cluster.local";
            settings[$"Access:Issuers:{name}:Kind"] = "Kubernetes";
            settings[$"Access:Issuers:{name}:Jwks"] = Path.Combine(folder, name);
        }
        await using var host = await RegistryHost.StartAsync(settings);
        await host.CreateNamespaceAsync("clusters");
        await host.TrustAsync("clusters/east", "east", ("sub", "system:serviceaccount:ci:builder"));
        await host.TrustAsync("clusters/west", "west", ("sub", "system:serviceaccount:ci:builder"));
        string Token(TestIssuer issuer) => issuer.Sign(new Dictionary<string, object?> { ["iss"] = "https://kubernetes.default.svc.cluster.local", ["sub"] = "system:serviceaccount:ci:builder" }, Signing.Ec);
        Assert.Equal(HttpStatusCode.Created, (await host.ExchangeAsync(Token(one), "clusters/east")).Status);
        Assert.Equal(HttpStatusCode.Created, (await host.ExchangeAsync(Token(two), "clusters/west")).Status);
        Assert.Equal("not-trusted", (await host.ExchangeAsync(Token(two), "clusters/east"))["type"]);
        Assert.Equal(0, one.Asked + two.Asked);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("Url", "http://issuer.invalid")]
    [InlineData("Url", "issuer")]
    [InlineData("Jwks", "/nowhere/keys.json")]
    [InlineData("Jwks", "http://issuer.invalid/keys")]
    public async Task A_setting_that_cannot_be_stops_the_start_and_is_named(string setting, string value)
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => RegistryHost.StartAsync(new Dictionary<string, string>
        {
            ["Access:Issuers:ci:Url"] = "https://issuer.invalid",
            [$"Access:Issuers:ci:{setting}"] = value,
        }));
        Assert.Contains($"Access__Issuers__ci__{setting}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_issuers_with_one_address_one_that_is_away_does_not_keep_the_other_from_its_tokens()
    {
        await using var away = await TestIssuer.StartAsync();
        await using var there = await TestIssuer.StartAsync();
        away.IsAway = true;
        var settings = new Dictionary<string, string>();
        foreach (var (name, issuer) in ((string, TestIssuer)[])[("a-away", away), ("b-there", there)])
        {
            settings[$"Access:Issuers:{name}:Url"] = "https://kubernetes.default.svc.cluster.local";
            settings[$"Access:Issuers:{name}:Kind"] = "Kubernetes";
            settings[$"Access:Issuers:{name}:AllowHttp"] = "true";
            settings[$"Access:Issuers:{name}:Jwks"] = issuer.Url + "/keys";
        }
        var file = Path.Combine(Directory.CreateTempSubdirectory("claimed-test-").FullName, "keys");
        await File.WriteAllTextAsync(file, there.Keys);
        settings["Access:Issuers:b-there:Jwks"] = file;
        await using var host = await RegistryHost.StartAsync(settings);
        await host.CreateNamespaceAsync("half");
        await host.TrustAsync("half/*", "b-there", ("sub", "system:serviceaccount:ci:builder"));
        string Token(Signing how) => there.Sign(new Dictionary<string, object?> { ["iss"] = "https://kubernetes.default.svc.cluster.local", ["sub"] = "system:serviceaccount:ci:builder" }, how);
        Assert.Equal(HttpStatusCode.Created, (await host.ExchangeAsync(Token(Signing.Ec), "half")).Status);
        // Whose token it is, nobody can say while one is away.
        Assert.Equal("issuer-unreachable", (await host.ExchangeAsync(Token(Signing.UnknownKey), "half"))["type"]);
    }

    [Theory]
    [InlineData("""{"alg":"none"}""", """{"iss":null}""")]
    [InlineData("""{"alg":null}""", """{"iss":"https://issuer.invalid"}""")]
    [InlineData("""{"alg":null}""", """{"iss":null}""")]
    [InlineData("""{"alg":"RS256"}""", """{}""")]
    [InlineData("""{}""", """{"iss":"https://issuer.invalid"}""")]
    public async Task What_a_token_must_say_and_leaves_null_makes_it_malformed(string head, string claims)
    {
        await using var host = await RegistryHost.StartAsync();
        var answer = await host.ExchangeAsync($"{Base64UrlEncoder.Encode(head)}.{Base64UrlEncoder.Encode(claims)}.", "fz/t");
        Assert.Equal((HttpStatusCode.Unauthorized, "assertion-malformed"), (answer.Status, answer["type"]));
    }

    [Fact]
    public async Task Whatever_kind_of_value_a_token_has_where_a_text_or_a_time_belongs_it_is_refused_and_no_fault()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var host = await RegistryHost.StartAsync(Trust.Settings(("github", "GitHub", issuer)));
        string[] values = ["null", "1", "-1", "1e308", "99999999999999999999", "true", "[]", "{}", "[null]", "\"\"", "\"\\ud800\""];
        foreach (var value in values)
        {
            foreach (var name in new[] { "aud", "exp", "nbf", "iat", "sub", "jti" })
                await RefusedAsync("""{"alg":"RS256"}""", $$"""{"iss":"{{issuer.Url}}","{{name}}":{{value}}}""");
            await RefusedAsync("""{"alg":"RS256"}""", $$"""{"iss":{{value}}}""");
            foreach (var name in new[] { "alg", "kid", "typ", "crit", "enc" })
                await RefusedAsync($$"""{"x":0,"{{name}}":{{value}}}""", $$"""{"iss":"{{issuer.Url}}"}""");
        }

        async Task RefusedAsync(string head, string claims)
        {
            var answer = await host.ExchangeAsync($"{Base64UrlEncoder.Encode(head)}.{Base64UrlEncoder.Encode(claims)}.AAAA", "fz/t");
            Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{head} {claims}: {answer.Status} {answer.Text}");
        }
    }
}
