using System.Net;
using Claimed.Registry.Access.Tokens;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Which job gets a token, and what the token is good for.</summary>
public sealed class TrustExchangeTests(TrustedRegistry setup) : IClassFixture<TrustedRegistry>
{
    private const string Id = "1296269";

    private RegistryHost Host => setup.Host;

    [Theory]
    [InlineData(Signing.Rsa)]
    [InlineData(Signing.RsaPss)]
    [InlineData(Signing.Ec)]
    public async Task A_job_gets_a_token_of_exactly_its_rule_for_fifteen_minutes(Signing how)
    {
        var space = $"job-{how}".ToLowerInvariant();
        await Host.CreateNamespaceAsync(space);
        var rule = await Host.TrustAsync($"{space}/filter-*", "github", ("repository_id", Id), ("ref", "refs/heads/main"));
        var answer = await Host.ExchangeAsync(setup.GitHub.SignJob(how: how), $"{space}/filter-csv");

        Assert.Equal((HttpStatusCode.Created, $"{space}/filter-*", $"trust rule {rule["id"]}", "github acme/filters"), (answer.Status, answer["pattern"], answer["createdBy"], answer["name"]));
        Assert.Equal("[\"pull\",\"publish\"]", answer["scopes"]);
        Assert.Null(answer["user"]);
        Assert.Equal(TimeSpan.FromMinutes(15), answer.Json.GetProperty("expiresAt").GetDateTimeOffset() - answer.Json.GetProperty("createdAt").GetDateTimeOffset());
        Assert.True(TokenText.IsWellFormed(answer["token"]!));
        Assert.True(answer.Message.Headers.CacheControl!.NoStore);

        var job = Host.With(answer["token"]!);
        Assert.Equal(HttpStatusCode.Created, (await job.PublishFieldsAsync($"{space}/filter-csv/versions/1.0.0", "one")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await job.PublishFieldsAsync($"{space}/other/versions/1.0.0", "two")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await job.JsonAsync(HttpMethod.Patch, $"/api/v1/components/{space}/filter-csv/versions/1.0.0", new { yanked = true })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await job.JsonAsync(HttpMethod.Get, $"/api/v1/namespaces/{space}/trust")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await job.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "more", scopes = new[] { "publish" } })).Status);
    }

    [Theory]
    [InlineData(Signing.WrongAudience, "assertion-audience")]
    [InlineData(Signing.WrongIssuer, "unknown-issuer")]
    [InlineData(Signing.NoSignature, "assertion-signature")]
    [InlineData(Signing.HmacWithPublicKey, "assertion-signature")]
    [InlineData(Signing.ForeignKey, "assertion-signature")]
    [InlineData(Signing.UnknownKey, "assertion-signature")]
    [InlineData(Signing.Expired, "assertion-expired")]
    [InlineData(Signing.NoEnd, "assertion-expired")]
    [InlineData(Signing.Future, "assertion-not-yet-valid")]
    public async Task A_token_that_no_good_issuer_would_make_is_refused_and_not_repeated(Signing how, string type)
    {
        await Host.CreateNamespaceAsync("bad");
        await Host.TrustAsync("bad/*", "github", ("repository_id", Id));
        var token = setup.GitHub.SignJob(how: how);
        var answer = await Host.ExchangeAsync(token, "bad/tool");
        Assert.Equal((HttpStatusCode.Unauthorized, type), (answer.Status, answer["type"]));
        Assert.DoesNotContain(token.Split('.')[1], answer.Text, StringComparison.Ordinal);
        Assert.Equal(0L, await TokensOfAsync("bad/*"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.W10.AAAA")]
    [InlineData("a.b.c.d.e")]
    public async Task What_is_no_token_is_refused(string token)
    {
        var answer = await Host.ExchangeAsync(token, "bad/tool");
        Assert.True(answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.UnprocessableEntity, answer.Text);
        Assert.Contains(answer["type"], new[] { "assertion-malformed", "bad-field", "unknown-issuer" });
    }

    [Fact]
    public async Task A_token_is_exchanged_once_and_a_failed_exchange_does_not_use_it_up()
    {
        await Host.CreateNamespaceAsync("once");
        var token = setup.GitHub.SignJob();
        Assert.Equal("not-trusted", (await Host.ExchangeAsync(token, "once/tool"))["type"]);
        await Host.TrustAsync("once/*", "github", ("repository_id", Id));
        Assert.Equal(HttpStatusCode.Created, (await Host.ExchangeAsync(token, "once/tool")).Status);
        var again = await Host.ExchangeAsync(token, "once");
        Assert.Equal((HttpStatusCode.Conflict, "assertion-used"), (again.Status, again["type"]));
        Assert.Equal(1L, await TokensOfAsync("once/*"));
    }

    [Fact]
    public async Task A_token_without_jti_is_exchanged_once_too_whatever_its_signature()
    {
        await Host.CreateNamespaceAsync("nojti");
        await Host.TrustAsync("nojti/*", "github", ("repository_id", Id));
        var token = setup.GitHub.SignJob(how: Signing.Ec, more: ("jti", null));
        Assert.Equal(HttpStatusCode.Created, (await Host.ExchangeAsync(token, "nojti/tool")).Status);
        Assert.Equal("assertion-used", (await Host.ExchangeAsync(token, "nojti/tool"))["type"]);
        Assert.Equal("assertion-used", (await Host.ExchangeAsync(WithOtherSignature(token), "nojti/tool"))["type"]);
    }

    [Fact]
    public async Task Of_many_exchanges_at_once_exactly_one_wins()
    {
        await Host.CreateNamespaceAsync("race");
        await Host.TrustAsync("race/*", "github", ("repository_id", Id));
        await Host.TrustAsync("race/tool", "github", ("repository_id", Id));
        for (var round = 0; round < 5; round++)
        {
            var token = setup.GitHub.SignJob();
            var answers = await Race.RunAsync(8, number => Host.ExchangeAsync(token, number % 2 == 0 ? "race/tool" : "race"));
            Assert.Equal("1×201 7×409", answers.Statuses());
        }
    }

    [Fact]
    public async Task A_claim_that_does_not_match_is_named_with_the_jobs_own_value()
    {
        await Host.CreateNamespaceAsync("claims");
        await Host.TrustAsync("claims/*", "github", ("repository_id", "777"), ("ref", "refs/heads/secret-branch"));
        var answer = await Host.ExchangeAsync(setup.GitHub.SignJob(id: "777"), "claims/tool");
        Assert.Equal((HttpStatusCode.Forbidden, "not-trusted"), (answer.Status, answer["type"]));
        Assert.Contains("ref, which is \"refs/heads/main\"", answer["detail"], StringComparison.Ordinal);
        Assert.DoesNotContain("repository_id", answer["detail"], StringComparison.Ordinal);
        Assert.DoesNotContain("secret-branch", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1296269 ")]
    [InlineData("01296269")]
    [InlineData("12962")]
    public async Task Values_are_compared_exactly(string id)
    {
        await Host.CreateNamespaceAsync("exact");
        await Host.TrustAsync("exact/*", "github", ("repository_id", Id));
        Assert.Equal("not-trusted", (await Host.ExchangeAsync(setup.GitHub.SignJob(id: id), "exact/tool"))["type"]);
    }

    [Fact]
    public async Task A_number_matches_its_text()
    {
        await Host.CreateNamespaceAsync("numbers");
        await Host.TrustAsync("numbers/*", "github", ("repository_id", 1296269));
        Assert.Equal(HttpStatusCode.Created, (await Host.ExchangeAsync(setup.GitHub.SignJob(more: ("repository_id", 1296269)), "numbers/tool")).Status);
        Assert.Equal("not-trusted", (await Host.ExchangeAsync(setup.GitHub.SignJob(more: ("repository_id", new[] { Id })), "numbers/tool"))["type"]);
    }

    [Fact]
    public async Task A_component_takes_the_narrowest_rule_and_a_namespace_the_widest()
    {
        await Host.CreateNamespaceAsync("choice");
        foreach (var pattern in (string[])["choice/filter-*", "choice/*", "choice/filter-csv", "choice/f*"])
            await Host.TrustAsync(pattern, "github", ("repository_id", Id));
        Assert.Equal("choice/filter-csv", (await Host.ExchangeAsync(setup.GitHub.SignJob(), "choice/filter-csv"))["pattern"]);
        Assert.Equal("choice/filter-*", (await Host.ExchangeAsync(setup.GitHub.SignJob(), "choice/filter-json"))["pattern"]);
        Assert.Equal("choice/f*", (await Host.ExchangeAsync(setup.GitHub.SignJob(), "choice/fold"))["pattern"]);
        Assert.Equal("choice/*", (await Host.ExchangeAsync(setup.GitHub.SignJob(), "choice"))["pattern"]);
        Assert.Equal("choice/*", (await Host.ExchangeAsync(setup.GitHub.SignJob(), "choice/other"))["pattern"]);
    }

    [Fact]
    public async Task A_private_namespace_tells_strangers_nothing_of_its_rules_and_its_own_jobs_what_is_wrong()
    {
        await Host.CreateNamespaceAsync("hidden", isPrivate: true);
        await Host.TrustAsync("hidden/*", "github", ("repository_id", "555"), ("environment", "release"));
        var stranger = await Host.ExchangeAsync(setup.GitHub.SignJob(id: "1"), "hidden/tool");
        var nowhere = await Host.ExchangeAsync(setup.GitHub.SignJob(id: "1"), "absent/tool");
        Assert.Equal((nowhere.Status, nowhere["type"], nowhere["title"], nowhere["detail"]!.Replace("absent", "hidden", StringComparison.Ordinal)),
            (stranger.Status, stranger["type"], stranger["title"], stranger["detail"]));
        Assert.Contains("environment, which is absent", (await Host.ExchangeAsync(setup.GitHub.SignJob(id: "555"), "hidden/tool"))["detail"], StringComparison.Ordinal);
        var job = await Host.ExchangeAsync(setup.GitHub.SignJob(id: "555", more: ("environment", "release")), "hidden/tool");
        Assert.Equal(HttpStatusCode.Created, (await Host.With(job["token"]!).PublishFieldsAsync("hidden/tool/versions/1.0.0", "hidden")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Host.With(job["token"]!).JsonAsync(HttpMethod.Get, "/api/v1/components/hidden/tool")).Status);
    }

    [Fact]
    public async Task Jobs_of_other_kinds_match_by_their_own_claims()
    {
        await Host.CreateNamespaceAsync("kinds");
        await Host.TrustAsync("kinds/lab", "gitlab", ("project_id", "22"));
        await Host.TrustAsync("kinds/pod", "cluster", ("/kubernetes.io/serviceaccount/uid", "u-1"), ("kubernetes.io.namespace", "ci"));
        await Host.TrustAsync("kinds/other", "other", ("sub", "service-7"));
        var lab = setup.GitLab.Sign(new Dictionary<string, object?> { ["sub"] = "project_path:acme/lab", ["project_id"] = "22", ["namespace_id"] = "5", ["project_path"] = "acme/lab", ["sha"] = "abcdef0123" });
        string Pod(string uid) => setup.Cluster.Sign(new Dictionary<string, object?>
        {
            ["sub"] = "system:serviceaccount:ci:builder",
            ["kubernetes.io"] = new { @namespace = "ci", serviceaccount = new { name = "builder", uid } },
        });
        Assert.Equal("kinds/lab", (await Host.ExchangeAsync(lab, "kinds/lab"))["pattern"]);
        Assert.Equal("kinds/pod", (await Host.ExchangeAsync(Pod("u-1"), "kinds/pod"))["pattern"]);
        Assert.Equal("not-trusted", (await Host.ExchangeAsync(Pod("u-2"), "kinds/pod"))["type"]);
        Assert.Equal("kinds/other", (await Host.ExchangeAsync(setup.Other.Sign(new Dictionary<string, object?> { ["sub"] = "service-7" }), "kinds/other"))["pattern"]);
        Assert.Equal("assertion-audience", (await Host.ExchangeAsync(setup.Other.Sign(new Dictionary<string, object?> { ["sub"] = "service-7", ["aud"] = "http://localhost:8080" }), "kinds/other"))["type"]);
    }

    [Fact]
    public async Task A_token_of_one_issuer_does_not_match_a_rule_of_another()
    {
        await Host.CreateNamespaceAsync("mixed");
        await Host.TrustAsync("mixed/*", "gitlab", ("project_id", "22"));
        Assert.Equal("not-trusted", (await Host.ExchangeAsync(setup.GitHub.SignJob(more: ("project_id", "22")), "mixed/tool"))["type"]);
    }

    [Fact]
    public async Task A_rule_that_ends_ends_its_tokens_at_once()
    {
        await Host.CreateNamespaceAsync("ends");
        var rule = await Host.TrustAsync("ends/*", "github", ("repository_id", Id));
        var job = Host.With((await Host.ExchangeAsync(setup.GitHub.SignJob(), "ends/tool"))["token"]!);
        Assert.Equal(HttpStatusCode.Created, (await job.PublishFieldsAsync("ends/tool/versions/1.0.0", "one")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Host.Admin.JsonAsync(HttpMethod.Delete, $"/api/v1/namespaces/ends/trust/{rule["id"]}")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await job.PublishFieldsAsync("ends/tool/versions/1.1.0", "two")).Status);
        Assert.Equal("not-trusted", (await Host.ExchangeAsync(setup.GitHub.SignJob(), "ends/tool"))["type"]);
    }

    [Fact]
    public async Task The_exchange_speaks_the_words_of_RFC_8693_too()
    {
        await Host.CreateNamespaceAsync("oauth");
        await Host.TrustAsync("oauth/*", "github", ("repository_id", Id));
        var answer = await Host.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/trust/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange",
            ["subject_token_type"] = "urn:ietf:params:oauth:token-type:id_token",
            ["subject_token"] = setup.GitHub.SignJob(),
            ["component"] = "oauth/tool",
        }));
        Assert.Equal((HttpStatusCode.OK, "Bearer", "900", "urn:ietf:params:oauth:token-type:access_token"), (answer.Status, answer["token_type"], answer["expires_in"], answer["issued_token_type"]));
        Assert.Equal(HttpStatusCode.Created, (await Host.With(answer["access_token"]!).PublishFieldsAsync("oauth/tool/versions/1.0.0", "one")).Status);
    }

    [Fact]
    public async Task The_audit_tells_of_jobs_that_were_let_in_and_of_those_that_were_not_and_holds_no_token()
    {
        await Host.CreateNamespaceAsync("audited");
        await Host.TrustAsync("audited/*", "github", ("repository_id", Id));
        var token = setup.GitHub.SignJob();
        var made = await Host.ExchangeAsync(token, "audited/tool");
        await Host.ExchangeAsync(token, "audited/tool");
        Answer audit;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(audit = await Host.Admin.JsonAsync(HttpMethod.Get, "/api/v1/namespaces/audited/audit")).Text.Contains("refused 409", StringComparison.Ordinal))
            limit.Token.ThrowIfCancellationRequested();
        Assert.Contains(audit.Items, line => line.GetProperty("action").GetString() == "access.token-created" && line.GetProperty("who").GetString() == "github acme/filters");
        Assert.DoesNotContain(made["token"]!, audit.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(token, (await Host.Admin.JsonAsync(HttpMethod.Get, "/api/v1/audit")).Text, StringComparison.Ordinal);
    }

    private async Task<long> TokensOfAsync(string pattern) =>
        Convert.ToInt64((await TestDatabase.QueryAsync(Host.DataPath, $"SELECT count(*) FROM tokens WHERE \"Pattern\" = '{pattern}'"))[0], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>An ECDSA signature (r, s) says the same as (r, n - s).</summary>
    private static string WithOtherSignature(string token)
    {
        var parts = token.Split('.');
        var signature = System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]);
        var order = System.Numerics.BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
        var s = (order - new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true)).ToByteArray(isUnsigned: true, isBigEndian: true);
        Array.Clear(signature, 32, 32);
        s.CopyTo(signature, 64 - s.Length);
        return $"{parts[0]}.{parts[1]}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}";
    }
}
