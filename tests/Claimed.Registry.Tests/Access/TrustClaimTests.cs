using System.Text;
using System.Text.Json;
using Claimed.Registry.Access.Trust;
using Claimed.Registry.Publish;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>How claims are found, and how addresses of repositories are held against each other.</summary>
[Trait("Database", "any")]
public sealed class TrustClaimTests
{
    [Theory]
    [InlineData("sub", "me")]
    [InlineData("number", "12345678901234567890")]
    [InlineData("fraction", "1.0")]
    [InlineData("flag", "true")]
    [InlineData("kubernetes.io.serviceaccount.uid", "u-1")]
    [InlineData("/kubernetes.io/serviceaccount/uid", "u-1")]
    [InlineData("https://acme.invalid/team", "blue")]
    [InlineData("/https:~1~1acme.invalid~1team", "blue")]
    [InlineData("a.b", null)]
    [InlineData("/a/b", "inner")]
    [InlineData("/a.b", "outer")]
    [InlineData("list", null)]
    [InlineData("nothing", null)]
    [InlineData("kubernetes.io", null)]
    [InlineData("kubernetes.io.serviceaccount", null)]
    [InlineData("sub.x", null)]
    [InlineData("half", null)]
    [InlineData("absent", null)]
    [InlineData("", null)]
    [InlineData("/", null)]
    public void A_claim_is_found_by_name_path_or_pointer_and_never_guessed(string path, string? value) => Assert.Equal(value, Read(
        """
        {"sub": "me", "number": 12345678901234567890, "fraction": 1.0, "flag": true, "list": ["me"], "nothing": null, "half": "\ud800",
         "kubernetes.io": {"serviceaccount": {"uid": "u-1"}}, "https://acme.invalid/team": "blue", "a": {"b": "inner"}, "a.b": "outer"}
        """)[path]);

    [Theory]
    [InlineData("""{"sub": "a", "sub": "b"}""")]
    [InlineData("""["sub"]""")]
    [InlineData("null")]
    [InlineData("{")]
    public void Claims_that_can_be_read_in_two_ways_are_not_read(string json) => Assert.ThrowsAny<JsonException>(() => Read(json));

    [Theory]
    [InlineData("https://github.com/acme/x")]
    [InlineData("https://GitHub.COM/acme/x")]
    [InlineData("http://github.com/acme/x/")]
    [InlineData("https://github.com/acme/x.git")]
    [InlineData("https://github.com/acme/x.git/")]
    [InlineData("https://token@github.com/acme/x")]
    [InlineData("git+https://github.com/acme/x")]
    [InlineData("ssh://git@github.com/acme/x.git")]
    [InlineData("git@github.com:acme/x.git")]
    [InlineData(" github.com/acme/x ")]
    public void Ways_to_write_one_repository_are_one(string repository) => Assert.Equal("github.com/acme/x", Provenance.Normal(repository));

    [Theory]
    [InlineData("https://github.com/acme/X")]
    [InlineData("https://github.com/acme/x/y")]
    [InlineData("https://github.com/acme/xgit")]
    [InlineData("https://github.com:8443/acme/x")]
    [InlineData("https://evil.invalid/github.com/acme/x")]
    [InlineData("https://github.com@evil.invalid/acme/x")]
    [InlineData("https://evil.invalid/@github.com/acme/x")]
    [InlineData("evil.invalid:github.com/acme/x")]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("acme/x")]
    public void Other_repositories_are_others(string repository) => Assert.NotEqual("github.com/acme/x", Provenance.Normal(repository));

    private static TokenClaims Read(string json) => TokenClaims.Read(Encoding.UTF8.GetBytes(json));
}
