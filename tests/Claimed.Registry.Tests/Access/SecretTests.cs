using System.Net;
using Claimed.Registry.Access.Tokens;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>What is pasted where it does not belong is neither repeated nor kept.</summary>
public sealed class SecretTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private const string Jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";
    private RegistryHost Host => registry.Host;

    [Fact]
    public async Task A_token_in_an_address_is_in_no_answer_and_no_audit()
    {
        await Host.CreateNamespaceAsync("pasted");
        string[] secrets = [TokenText.New(), Jwt, "clmp_MTc2 4MQ.c2ln".Replace(" ", "", StringComparison.Ordinal)];
        foreach (var secret in secrets)
        {
            (HttpMethod Method, string Path)[] mistakes =
            [
                (HttpMethod.Delete, $"/api/v1/tokens/{secret}"), (HttpMethod.Put, $"/api/v1/namespaces/pasted/members/user/{secret}"), (HttpMethod.Put, $"/api/v1/users/{secret}"),
                (HttpMethod.Get, $"/api/v1/namespaces/{secret}"), (HttpMethod.Patch, $"/api/v1/components/pasted/{secret}"), (HttpMethod.Delete, $"/v2/pasted/tool/manifests/{secret}"),
                (HttpMethod.Put, $"/v2/{secret}/x/manifests/1"), (HttpMethod.Get, $"/{secret}"), (HttpMethod.Put, $"/api/v1/components/pasted/tool/channels/{secret}"),
            ];
            foreach (var (method, path) in mistakes)
            {
                var answer = await Host.Admin.JsonAsync(method, path, method == HttpMethod.Get || method == HttpMethod.Delete ? null : new { role = "reader" });
                Assert.True((int)answer.Status is >= 400 and < 500, $"{method} {path}: {answer.Status}");
                Assert.DoesNotContain(secret[5..], answer.Text, StringComparison.Ordinal);
            }
        }
        await Host.Anonymous.JsonAsync(HttpMethod.Delete, "/api/v1/tokens/the-last");
        var audit = await Host.AuditAsync("the-last");
        Assert.Contains("DELETE /api/v1/tokens/clmt_…", audit, StringComparison.Ordinal);
        Assert.Contains("DELETE /api/v1/tokens/eyJ…", audit, StringComparison.Ordinal);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret[5..], audit, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://user:ghp_SECRET@github.com/acme/x")]
    [InlineData("https://ghp_SECRET@github.com/acme/x.git")]
    [InlineData("ghp_SECRET@github.com/acme/x")]
    [InlineData("ssh://git:ghp_SECRET@github.com/acme/x")]
    [InlineData("https://git:ghp_SECRET@github.com?x")]
    [InlineData("https://a@ghp_SECRET@github.com/acme/x")]
    public async Task A_repository_with_a_user_or_a_password_in_it_is_refused_and_not_repeated(string repository)
    {
        var answer = await Host.Admin.PublishFieldsAsync("pasted/tool/versions/1.0.0", "x", ("repository", repository));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "bad-field"), (answer.Status, answer["type"]));
        Assert.DoesNotContain("SECRET", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://github.com/acme/x")]
    [InlineData("git@github.com:acme/x.git")]
    [InlineData("ssh://git@github.com/acme/x")]
    [InlineData("github.com/acme/x/tree/a@b")]
    public async Task Other_addresses_of_repositories_are_taken(string repository)
    {
        var name = $"tool-{(uint)repository.GetHashCode(StringComparison.Ordinal)}";
        Assert.Equal(HttpStatusCode.Created, (await Host.Admin.PublishFieldsAsync($"pasted/{name}/versions/1.0.0", name, ("repository", repository))).Status);
    }
}
