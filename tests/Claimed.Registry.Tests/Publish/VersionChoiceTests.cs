using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

public sealed class VersionChoiceTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task The_same_bundle_again_answers_200_with_the_version_that_has_it()
    {
        var first = await _host.PublishAsync("choice", "same", "1.0.0", ("step.py", Samples.Script()));
        var stored = await StoredThings.InAsync(_host);
        var again = await _host.PublishAsync("choice", "same", "1.0.0", ("step.py", Samples.Script()));
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(first["build.id"], again["build.id"]);
        Assert.Equal(stored, await StoredThings.InAsync(_host));
    }

    [Fact]
    public async Task Two_parts_mean_patch_zero()
    {
        Assert.Equal("1.2.0", (await _host.PublishReadyAsync("choice", "two-parts", "1.2"))["version"]);
        Assert.Equal(HttpStatusCode.OK, (await _host.PublishAsync("choice", "two-parts", "1.2.0", ("component.yaml", Samples.ExistingImage()))).Status);
    }

    [Theory]
    [InlineData(true, "ready")]
    [InlineData(false, "queued")]
    public async Task Other_bytes_for_a_version_that_is_not_failed_are_refused_with_its_state(bool ready, string state)
    {
        var name = "taken-" + state;
        (string, string) File(string word) => ready ? ("component.yaml", Samples.ExistingImage(word)) : ("step.py", Samples.Script(word));
        var first = await _host.PublishAsync("choice", name, "1.0.0", File("one"));
        var other = await _host.PublishAsync("choice", name, "1.0.0", File("two"));
        Assert.Equal(HttpStatusCode.Conflict, other.Status);
        Assert.Equal("version-exists", other["type"]);
        Assert.Equal(state, other["state"]);
        Assert.Equal(first["bundleDigest"], (await _host.ComponentAsync($"choice/{name}/versions/1.0.0"))["bundleDigest"]);
    }

    [Fact]
    public async Task A_failed_version_is_replaced_and_gets_a_new_build()
    {
        var first = await FailedAsync("replaced", "1.0.0");
        var second = await _host.PublishAsync("choice", "replaced", "1.0.0", ("step.py", Samples.Script("mended")));
        Assert.Equal(HttpStatusCode.Created, second.Status);
        Assert.Equal("queued", second["state"]);
        Assert.NotEqual(first["build.id"], second["build.id"]);
        Assert.NotEqual(first["bundleDigest"], second["bundleDigest"]);
        Assert.Single((await _host.ComponentAsync("choice/replaced/versions")).Items);
    }

    [Fact]
    public async Task A_publish_without_a_version_takes_the_next_minor()
    {
        Assert.Equal("0.1.0", (await _host.PublishReadyAsync("choice", "next", null, "one"))["version"]);
        Assert.Equal("0.2.0", (await _host.PublishReadyAsync("choice", "next", null, "two"))["version"]);
        await _host.PublishReadyAsync("choice", "next", "2.3.4", "three");
        Assert.Equal("2.4.0", (await _host.PublishReadyAsync("choice", "next", null, "four"))["version"]);
    }

    [Fact]
    public async Task A_publish_without_a_version_answers_200_when_the_component_has_the_bundle()
    {
        await _host.PublishReadyAsync("choice", "known", null, "one");
        await _host.PublishReadyAsync("choice", "known", null, "two");
        var again = await _host.PublishReadyAsync("choice", "known", null, "one");
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal("0.1.0", again["version"]);
    }

    [Fact]
    public async Task A_publish_without_a_version_uses_a_failed_newest_one_again()
    {
        await FailedAsync("again", null);
        var second = await _host.PublishAsync("choice", "again", null, ("step.py", Samples.Script("mended")));
        Assert.Equal(HttpStatusCode.Created, second.Status);
        Assert.Equal("0.1.0", second["version"]);
    }

    [Fact]
    public async Task Two_equal_publishes_at_once_make_one_version()
    {
        var answers = await Task.WhenAll(
            _host.PublishAsync("choice", "twins", null, ("component.yaml", Samples.ExistingImage())),
            _host.PublishAsync("choice", "twins", null, ("component.yaml", Samples.ExistingImage())));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Created], answers.Select(answer => answer.Status).Order());
        Assert.All(answers, answer => Assert.Equal("0.1.0", answer["version"]));
        Assert.Single((await _host.ComponentAsync("choice/twins/versions")).Items);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Eight_publishers_at_once_get_versions_without_gaps_or_duplicates(bool ready)
    {
        var name = ready ? "eight-ready" : "eight-queued";
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(number => _host.PublishAsync("crowd" + name, name, null,
            ready ? ("component.yaml", Samples.ExistingImage($"w{number}")) : ("step.py", Samples.Script($"w{number}")))));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.Equal(Enumerable.Range(1, 8).Select(minor => $"0.{minor}.0"), answers.Select(answer => answer["version"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Several_publishers_of_the_same_version_with_other_bytes_leave_one_winner()
    {
        var answers = await Task.WhenAll(Enumerable.Range(1, 6).Select(number =>
            _host.PublishAsync("choice", "race", "1.0.0", ("component.yaml", Samples.ExistingImage($"w{number}")))));
        var winner = Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(5, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
        Assert.Equal(winner["bundleDigest"], (await _host.ComponentAsync("choice/race/versions/1.0.0"))["bundleDigest"]);
    }

    // No builder runs here, so a cancelled build is the way for a version to fail.
    private async Task<Answer> FailedAsync(string name, string? version)
    {
        var published = await _host.PublishAsync("choice", name, version, ("step.py", Samples.Script()));
        Assert.Equal(HttpStatusCode.Accepted, (await _host.PostAsync($"/api/v1/builds/{published["build.id"]}/cancel")).Status);
        return published;
    }
}
