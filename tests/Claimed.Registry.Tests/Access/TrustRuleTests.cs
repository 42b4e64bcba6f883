using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Who may make which trust rules.</summary>
public sealed class TrustRuleTests(TrustedRegistry setup) : IClassFixture<TrustedRegistry>
{
    private RegistryHost Host => setup.Host;

    [Fact]
    public async Task A_rule_is_made_listed_and_ended_by_the_namespaces_owners_alone()
    {
        await Host.CreateNamespaceAsync("rules", isPrivate: false, ("rules-olga", "owner"), ("rules-paul", "publisher"));
        var (owner, publisher) = (Host.With(await Host.TokenAsync("rules-olga")), Host.With(await Host.TokenAsync("rules-paul")));
        var rule = new { pattern = "rules/filter-*", issuer = "github", claims = new { repository_id = 1296269, @ref = "refs/heads/main" } };

        Assert.Equal(HttpStatusCode.Forbidden, (await publisher.JsonAsync(HttpMethod.Post, "/api/v1/namespaces/rules/trust", rule)).Status);
        var made = await owner.JsonAsync(HttpMethod.Post, "/api/v1/namespaces/rules/trust", rule);
        Assert.Equal((HttpStatusCode.Created, "rules/filter-*", "1296269", "http://localhost:8080", "rules-olga"),
            (made.Status, made["pattern"], made["claims.repository_id"], made["audience"], made["createdBy"]));
        Assert.Equal((HttpStatusCode.OK, made["id"]), await StatusAndIdAsync(owner.JsonAsync(HttpMethod.Post, "/api/v1/namespaces/rules/trust", rule)));

        Assert.Equal(HttpStatusCode.Forbidden, (await publisher.JsonAsync(HttpMethod.Get, "/api/v1/namespaces/rules/trust")).Status);
        Assert.Equal(made["id"], Assert.Single((await owner.JsonAsync(HttpMethod.Get, "/api/v1/namespaces/rules/trust")).Items).GetProperty("id").GetRawText());

        Assert.Equal(HttpStatusCode.NoContent, (await owner.JsonAsync(HttpMethod.Delete, $"/api/v1/namespaces/rules/trust/{made["id"]}")).Status);
        Assert.Equal("trust-rule-not-found", (await owner.JsonAsync(HttpMethod.Delete, $"/api/v1/namespaces/rules/trust/{made["id"]}"))["type"]);
        Assert.Empty((await owner.JsonAsync(HttpMethod.Get, "/api/v1/namespaces/rules/trust")).Items);

        var audit = (await owner.JsonAsync(HttpMethod.Get, "/api/v1/namespaces/rules/audit")).Items.Select(line => $"{line.GetProperty("who")} {line.GetProperty("action")} {line.GetProperty("subject")}").ToList();
        Assert.Contains("rules-olga namespace.trust-added rules", audit);
        Assert.Contains("rules-olga namespace.trust-removed rules", audit);
    }

    [Theory]
    [InlineData("other/*", "github", "repository_id", "1", "pattern")]
    [InlineData("*", "github", "repository_id", "1", "pattern")]
    [InlineData("wrong/Tool", "github", "repository_id", "1", "pattern")]
    [InlineData("wrong/*", "nobody", "repository_id", "1", "issuer")]
    [InlineData("wrong/*", "github", "repository", "acme/filters", "claims")]
    [InlineData("wrong/*", "github", "sub", "repo:acme/filters:ref:refs/heads/main", "claims")]
    [InlineData("wrong/*", "github", "repository_id", "12*", "claims")]
    [InlineData("wrong/*", "github", "repository_id", "", "claims")]
    [InlineData("wrong/*", "gitlab", "project_path", "acme/filters", "claims")]
    [InlineData("wrong/*", "cluster", "kubernetes.io.namespace", "ci", "claims")]
    [InlineData("wrong/*", "other", "email", "ci@acme.invalid", "claims")]
    public async Task A_rule_needs_a_pattern_of_its_namespace_a_known_issuer_and_an_immutable_id(string pattern, string issuer, string claim, string value, string field)
    {
        await Host.CreateNamespaceAsync("wrong");
        var answer = await Host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/namespaces/wrong/trust", new { pattern, issuer, claims = new Dictionary<string, string> { [claim] = value } });
        Assert.Equal(((HttpStatusCode)422, "bad-field"), (answer.Status, answer["type"]));
        Assert.StartsWith($"\"{field}\"", answer["detail"], StringComparison.Ordinal);
        Assert.Empty((await Host.Admin.JsonAsync(HttpMethod.Get, "/api/v1/namespaces/wrong/trust")).Items);
    }

    [Theory]
    [InlineData("repository_id")]
    [InlineData("repository_owner_id")]
    public async Task Each_immutable_id_of_the_issuers_kind_will_do(string claim)
    {
        await Host.CreateNamespaceAsync("each");
        Assert.Equal(HttpStatusCode.Created, (await Host.TrustAsync("each/*", "github", (claim, "583231"))).Status);
    }

    [Fact]
    public async Task A_rule_of_a_namespace_that_is_not_there_is_refused()
    {
        var answer = await Host.TrustAsync("nowhere/*", "github", ("repository_id", "1"));
        Assert.Equal((HttpStatusCode.NotFound, "namespace-not-found"), (answer.Status, answer["type"]));
    }

    private static async Task<(HttpStatusCode, string?)> StatusAndIdAsync(Task<Answer> sent) => await sent is var answer ? (answer.Status, answer["id"]) : default;
}
