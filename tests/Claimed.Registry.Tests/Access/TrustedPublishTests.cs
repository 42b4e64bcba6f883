using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>What a version says of where it comes from, and who may publish where only CI jobs may.</summary>
public sealed class TrustedPublishTests(TrustedRegistry setup) : IClassFixture<TrustedRegistry>
{
    private const string Commit = "74e2b1b7ac0fa1d9b0e1c3b0a1d34e2c5f6a7b8c";

    private RegistryHost Host => setup.Host;

    [Theory]
    [InlineData("agree-absent", null, null)]
    [InlineData("agree-same", "https://github.com/acme/filters", Commit)]
    [InlineData("agree-host", "https://GitHub.com/acme/filters.git/", "74e2b1b7ac0f")]
    [InlineData("agree-ssh", "git@github.com:acme/filters.git", "74E2B1B7AC0FA1D9B0E1C3B0A1D34E2C5F6A7B8C")]
    public async Task What_the_issuer_says_and_the_publisher_does_not_contradict_is_verified(string space, string? repository, string? revision)
    {
        var (job, rule) = await JobAsync(space);
        var fields = new List<(string, string)>();
        if (repository is not null)
            fields = [("repository", repository), ("revision", revision!)];
        var answer = await job.PublishFieldsAsync($"{space}/tool/versions/1.0.0", "one", [.. fields]);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        foreach (var document in (Answer[])[answer, await Host.ComponentAsync($"{space}/tool/versions/1.0.0")])
        {
            Assert.Equal(("https://github.com/acme/filters", Commit), (document["repository"], document["revision"]));
            Assert.Equal(("https://github.com/acme/filters", Commit, "true", "github", rule), (document["provenance.repository"], document["provenance.revision"],
                document["provenance.verified"], document["provenance.issuer"], document["provenance.rule"]));
            Assert.Equal(("42", "1296269"), (document["provenance.claims.run_id"], document["provenance.claims.repository_id"]));
            Assert.Null(document["provenance.statedBy"]);
        }
    }

    [Theory]
    [InlineData("repository", "https://github.com/acme/other")]
    [InlineData("repository", "https://github.com/Acme/filters")]
    [InlineData("repository", "https://github.com.evil.invalid/acme/filters")]
    [InlineData("revision", "0000000000000000000000000000000000000000")]
    [InlineData("revision", "74e2b1")]
    [InlineData("revision", "main")]
    public async Task What_contradicts_the_issuer_is_refused_and_nothing_is_stored(string field, string value)
    {
        var (job, _) = await JobAsync("contra");
        var answer = await job.PublishFieldsAsync("contra/tool/versions/1.0.0", "one", (field, value));
        Assert.Equal(((HttpStatusCode)422, "provenance-contradicted"), (answer.Status, answer["type"]));
        Assert.Contains(field, answer["detail"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Host.ComponentAsync("contra/tool")).Status);
    }

    [Fact]
    public async Task Without_trusted_publishing_it_is_stated_by_the_publisher()
    {
        await Host.CreateNamespaceAsync("stated", isPrivate: false, ("stated-paul", "publisher"));
        var paul = Host.With(await Host.TokenAsync("stated-paul"));
        var answer = await paul.PublishFieldsAsync("stated/tool/versions/1.0.0", "one", ("repository", "https://github.com/acme/filters"));
        Assert.Equal(("https://github.com/acme/filters", "false", "stated-paul"), (answer["provenance.repository"], answer["provenance.verified"], answer["provenance.statedBy"]));
        Assert.Null(answer["provenance.issuer"]);
        Assert.Null((await paul.PublishFieldsAsync("stated/tool/versions/1.1.0", "two"))["provenance"]);
    }

    [Fact]
    public async Task A_job_whose_issuer_says_no_repository_states_it()
    {
        await Host.CreateNamespaceAsync("pods");
        await Host.TrustAsync("pods/*", "cluster", ("sub", "system:serviceaccount:ci:builder"));
        var token = setup.Cluster.Sign(new Dictionary<string, object?> { ["sub"] = "system:serviceaccount:ci:builder" });
        var job = Host.With((await Host.ExchangeAsync(token, "pods/tool"))["token"]!);
        var answer = await job.PublishFieldsAsync("pods/tool/versions/1.0.0", "one", ("repository", "https://git.acme.invalid/tool"));
        Assert.Equal(("false", "cluster system:serviceaccount:ci:builder", "cluster"), (answer["provenance.verified"], answer["provenance.statedBy"], answer["provenance.issuer"]));
        Assert.Equal(("false", "cluster"), await SayAsync(job.PublishFieldsAsync("pods/tool/versions/1.1.0", "two")));
    }

    [Fact]
    public async Task A_path_stands_below_its_issuers_host_and_a_claim_of_ones_own_choice_is_the_whole_address()
    {
        await Host.CreateNamespaceAsync("places");
        await Host.TrustAsync("places/lab", "gitlab", ("project_id", "22"));
        await Host.TrustAsync("places/other", "other", ("sub", "service-7"));
        var lab = setup.GitLab.Sign(new Dictionary<string, object?> { ["project_id"] = 22, ["project_path"] = "acme/deep/lab", ["sha"] = "abcdef0123" });
        var other = setup.Other.Sign(new Dictionary<string, object?> { ["sub"] = "service-7", ["source"] = new { repository = "https://git.acme.invalid/x" } });
        var first = await Host.With((await Host.ExchangeAsync(lab, "places/lab"))["token"]!).PublishFieldsAsync("places/lab/versions/1.0.0", "one");
        Assert.Equal(($"{setup.GitLab.Url}/acme/deep/lab", "abcdef0123", "true"), (first["provenance.repository"], first["provenance.revision"], first["provenance.verified"]));
        var second = await Host.With((await Host.ExchangeAsync(other, "places/other"))["token"]!).PublishFieldsAsync("places/other/versions/1.0.0", "two");
        Assert.Equal(("https://git.acme.invalid/x", "true"), (second["provenance.repository"], second["provenance.verified"]));
    }

    [Fact]
    public async Task Where_only_jobs_publish_no_one_else_does_administrators_included()
    {
        var (job, _) = await JobAsync("sealed");
        await Host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/sealed", new { onlyTrusted = true });
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Put, "/tool/versions/1.0.0"), (HttpMethod.Post, "/tool/versions"), (HttpMethod.Post, "")])
        {
            var answer = await Host.Admin.SendAsync(method, $"/api/v1/components/sealed{path}", new Multipart().Source("component.yaml", Samples.ExistingImage("one")).ToContent());
            Assert.Equal((HttpStatusCode.Forbidden, "only-trusted"), (answer.Status, answer["type"]));
            Assert.Contains("/api/v1/trust/token", answer["detail"], StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await Host.ComponentAsync("sealed/tool")).Status);
        Assert.Equal(HttpStatusCode.Created, (await job.PublishFieldsAsync("sealed/tool/versions/1.0.0", "one")).Status);
        await Host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/sealed", new { onlyTrusted = false });
        Assert.Equal(HttpStatusCode.Created, (await Host.Admin.PublishFieldsAsync("sealed/tool/versions/1.1.0", "two")).Status);
    }

    [Fact]
    public async Task Rule_and_claims_stay_with_the_version_over_a_restart_and_after_the_rule_has_ended()
    {
        var data = Directory.CreateTempSubdirectory("claimed-test-").FullName;
        await using var issuer = await TestIssuer.StartAsync();
        var settings = Trust.Settings(("github", "GitHub", issuer));
        string rule;
        await using (var host = await RegistryHost.StartAsync(settings, data))
        {
            await host.CreateNamespaceAsync("kept");
            rule = (await host.TrustAsync("kept/*", "github", ("repository_id", "1296269")))["id"]!;
            await host.With((await host.ExchangeAsync(issuer.SignJob(), "kept"))["token"]!).PublishFieldsAsync("kept/tool/versions/1.0.0", "one");
            await host.Admin.JsonAsync(HttpMethod.Delete, $"/api/v1/namespaces/kept/trust/{rule}");
        }
        await using (var host = await RegistryHost.StartAsync(null, data))
        {
            var version = await host.ComponentAsync("kept/tool/versions/1.0.0");
            Assert.Equal(("true", rule, "github", "42"), (version["provenance.verified"], version["provenance.rule"], version["provenance.issuer"], version["provenance.claims.run_id"]));
        }
        Assert.Equal([long.Parse(rule, System.Globalization.CultureInfo.InvariantCulture)],
            (await TestDatabase.QueryAsync(data, "SELECT \"TrustRuleId\" FROM versions")).Select(value => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)));
        await TestDatabase.DropAsync(data);
        Directory.Delete(data, recursive: true);
    }

    private async Task<(HttpClient Job, string Rule)> JobAsync(string space)
    {
        await Host.CreateNamespaceAsync(space);
        var rule = await Host.TrustAsync($"{space}/*", "github", ("repository_id", "1296269"));
        return (Host.With((await Host.ExchangeAsync(setup.GitHub.SignJob(), space))["token"]!), rule["id"]!);
    }

    private static async Task<(string?, string?)> SayAsync(Task<Answer> sent) => await sent is var answer ? (answer["provenance.verified"], answer["provenance.issuer"]) : default;
}
