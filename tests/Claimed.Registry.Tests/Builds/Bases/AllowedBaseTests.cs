using System.Net;
using System.Text.Json.Nodes;
using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Bases;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Bases;

/// <summary>A site says which images builds may use, and a publisher hears of another one at once, with its line.</summary>
[Trait("Database", "any")]
public sealed class AllowedBaseTests : IAsyncLifetime
{
    private const string Component = "name: say\nimplementation: {container: {image: '', command: [echo]}}\n";
    private RegistryHost? _host;

    private RegistryHost Host => _host!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(new Dictionary<string, string>
    {
        ["Builds:AllowedBases:0"] = "docker.io/library/*",
        ["Builds:AllowedBases:1"] = "docker.io/claimed/*",
        ["Builds:NamespaceBases:team-r:0"] = "docker.io/rocker/r-ver:4.*",
    });

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();

    private async Task<string[]> RefusalsAsync(Multipart upload, string space = "acme")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/components/{space}/validate") { Content = upload.ToContent() };
        var answer = await Answer.ReadAsync(await Host.Anonymous.SendAsync(request));
        return [.. Findings(answer).Where(one => (string?)one!["code"] == "base-not-allowed").Select(one => $"{one!["file"]}:{one["line"]}")];
    }

    private static JsonArray Findings(Answer answer) => JsonNode.Parse(answer.Text)!["findings"]!.AsArray();

    private static Multipart Dockerfile(string text) => new Multipart().Source("component.yaml", Component).Source("Dockerfile", text);

    [Fact]
    public async Task An_image_outside_the_list_is_found_in_an_uploaded_Dockerfile_with_its_line()
    {
        Assert.Equal(["Dockerfile:3", "Dockerfile:6"], await RefusalsAsync(Dockerfile(
            "ARG R=ghcr.io\nFROM python:3.12 AS x\nFROM \\\n $R/evil/base\nCOPY --from=x /a /a\nCOPY --from=evil/tools:1 /b /b\nFROM x\n")));
        Assert.Equal(["Dockerfile:1"], await RefusalsAsync(Dockerfile("# syntax=evil/reader:1\nFROM scratch\n")));
        // What looks like an image's id, or carries a good tag beside another digest, is what it is.
        Assert.Equal(["Dockerfile:1"], await RefusalsAsync(Dockerfile($"FROM evil/python:3.12@sha256:{new string('0', 64)}\n")));
        Assert.Empty(await RefusalsAsync(Dockerfile("FROM docker.io/library/python:3.12\nCOPY --from=busybox /bin/sh /bin/sh\n")));
    }

    [Fact]
    public async Task An_image_outside_the_list_is_found_where_a_source_or_its_publisher_names_it()
    {
        Assert.Equal(["step.py:3"], await RefusalsAsync(new Multipart().Source("step.py", "'A step.'\n\n# claimed: base=evil/python:1\nprint(1)\n")));
        Assert.Equal(["step.py:0"], await RefusalsAsync(new Multipart().Source("step.py", "print(1)\n").Field("baseImage", "evil/python:1")));
        Assert.Empty(await RefusalsAsync(new Multipart().Source("step.py", "print(1)\n").Field("baseImage", "python:3.12-slim")));
        Assert.Empty(await RefusalsAsync(new Multipart().Source("step.py", "print(1)\n")));
    }

    [Fact]
    public async Task A_namespace_may_have_a_list_of_its_own()
    {
        Assert.Empty(await RefusalsAsync(Dockerfile("FROM rocker/r-ver:4.4.1\n"), "team-r"));
        Assert.Equal(["Dockerfile:1"], await RefusalsAsync(Dockerfile("FROM rocker/r-ver:3.6.0\n"), "team-r"));
        Assert.Equal(["Dockerfile:1"], await RefusalsAsync(Dockerfile("FROM python:3.12\n"), "team-r"));
        Assert.Equal(["Dockerfile:1"], await RefusalsAsync(Dockerfile("FROM rocker/r-ver:4.4.1\n")));
    }

    [Fact]
    public async Task A_publish_is_refused_and_names_what_may_be_used()
    {
        var answer = await Host.PublishAsync("acme", "say", "1.0.0", ("component.yaml", Component), ("Dockerfile", "FROM evil/base:1\n"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("docker.io/library/*", Assert.Single(Findings(answer), one => (string?)one!["code"] == "base-not-allowed")!["fix"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Dockerfile_that_no_build_here_takes_is_refused_with_its_line()
    {
        var answer = await Host.PublishAsync("acme", "say", "1.0.0", ("component.yaml", Component), ("Dockerfile", "FROM python\nRUN --network=host true\nRUN --mount=type=secret,id=a true\nFETCH x\n"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal(["2 dockerfile-not-allowed", "3 dockerfile-needs-buildkit", "4 dockerfile-invalid"],
            Findings(answer).Where(one => (string?)one!["severity"] == "error").Select(one => $"{one!["line"]} {one["code"]}"));
    }

    [Fact]
    public void A_base_of_the_site_that_its_own_list_leaves_out_keeps_the_program_from_starting() => Assert.Contains("team/python:1",
        new BuildOptionsCheck().Validate(null, new BuildOptions { AllowedBases = ["docker.io/library/*"], BaseImages = { ["python"] = "team/python:1" } }).FailureMessage, StringComparison.Ordinal);

    [Theory]
    [InlineData("docker.io/library/*", "python", true)]
    [InlineData("docker.io/library/*", "index.docker.io/library/python:3", true)]
    [InlineData("docker.io/library/*", "library/python@sha256:0000000000000000000000000000000000000000000000000000000000000000", true)]
    [InlineData("docker.io/library/*", "docker.io.evil.org/library/python", false)]
    [InlineData("docker.io/library/python:3.12", "python:3.12", true)]
    [InlineData("docker.io/library/python:3.12", "python:3.12@sha256:0000000000000000000000000000000000000000000000000000000000000000", false)]
    [InlineData("docker.io/library/python", "python:3.12", true)]
    [InlineData("registry.example.org:5000/base/*", "registry.example.org:5000/base/r:1", true)]
    [InlineData("registry.example.org:5000/base/*", "registry.example.org/base/r:1", false)]
    public void Patterns_are_held_against_the_whole_name(string pattern, string image, bool isAllowed) =>
        Assert.Equal(isAllowed, new AllowedBases([pattern]).Allows(image));
}
