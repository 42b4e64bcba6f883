using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Versions;

public sealed class YankTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_yanked_version_leaves_lists_ranges_and_latest_but_not_exact_references_and_digests()
    {
        await ReadyAsync("leaves", "1.0.0", "1.1.0", "1.2.0");
        var digest = (await _host.ComponentAsync("yank/leaves/versions/1.2.0/elyra.yaml")).ETag!.Trim('"');

        var yanked = await _host.PatchAsync("yank/leaves/versions/1.2.0", """{"yanked": true, "reason": "Drops the last row."}""");
        Assert.Equal(HttpStatusCode.OK, yanked.Status);
        Assert.Equal(["true", "Drops the last row."], [yanked["yanked"], yanked["yankReason"]]);
        Assert.Equal(["1.1.0", "1.0.0"], await ListedAsync("leaves"));
        Assert.Equal(["1.2.0", "1.1.0", "1.0.0"], await ListedAsync("leaves", "?yanked=true"));
        foreach (var moving in (string[])["~1", "^1.0", "*", ">=1.1", "latest"])
            Assert.Equal("1.1.0", (await _host.ComponentAsync($"yank/leaves/versions/{moving}"))["version"]);
        Assert.Equal("version-not-found", (await _host.ComponentAsync("yank/leaves/versions/=1.2.0"))["type"]);
        Assert.Equal("1.1.0", (await _host.ComponentAsync("yank/leaves"))["version"]);
        foreach (var pinned in (string[])["1.2.0", "1.2", digest])
            Assert.Equal("1.2.0", (await _host.ComponentAsync($"yank/leaves/versions/{pinned}"))["version"]);
        Assert.Equal(HttpStatusCode.OK, (await _host.ComponentAsync($"yank/leaves/versions/{digest}/elyra.yaml")).Status);

        var back = await _host.PatchAsync("yank/leaves/versions/1.2.0", """{"yanked": false}""");
        Assert.Equal(["false", null], [back["yanked"], back["yankReason"]]);
        Assert.Equal("1.2.0", (await _host.ComponentAsync("yank/leaves/versions/latest"))["version"]);
        Assert.Equal(["version.yanked", "version.unyanked"], (await _host.EventKindsAsync("yank/leaves")).TakeLast(2));
    }

    [Fact]
    public async Task A_component_whose_versions_are_all_yanked_is_not_listed_and_stays_readable()
    {
        await ReadyAsync("hidden", "1.0.0");
        await _host.PatchAsync("yank/hidden/versions/1.0.0", """{"yanked": true}""");
        Assert.DoesNotContain("hidden", (await _host.GetAsync("/api/v1/components?namespace=yank&limit=200")).Items.Select(item => item.GetProperty("name").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await _host.ComponentAsync("yank/hidden")).Status);
        Assert.Equal("version-not-found", (await _host.ComponentAsync("yank/hidden/versions/latest"))["type"]);
    }

    [Fact]
    public async Task A_yank_leaves_a_channel_that_a_publisher_set_and_no_new_one_may_name_the_version()
    {
        await ReadyAsync("channels", "1.0.0", "1.1.0");
        await _host.SetChannelAsync("yank/channels", "stable", "1.1.0");
        await _host.PatchAsync("yank/channels/versions/1.1.0", """{"yanked": true}""");
        Assert.Equal("1.1.0", (await _host.ComponentAsync("yank/channels/versions/stable"))["version"]);
        var refused = await _host.SetChannelAsync("yank/channels", "beta", "1.1.0");
        Assert.Equal((HttpStatusCode.Conflict, "version-yanked"), (refused.Status, refused["type"]));
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_tells_nothing()
    {
        await ReadyAsync("same", "1.0.0");
        var first = await _host.PatchAsync("yank/same/versions/1.0.0", """{"yanked": true, "reason": "Wrong."}""");
        var events = await _host.EventKindsAsync("yank/same");
        foreach (var again in (string[])["""{"yanked": true, "reason": "Wrong."}""", """{"yanked": true}""", "{}"])
            Assert.Equal(first.Text, (await _host.PatchAsync("yank/same/versions/1.0.0", again)).Text);
        Assert.Equal(events, await _host.EventKindsAsync("yank/same"));
        Assert.Null((await _host.PatchAsync("yank/same/versions/1.0.0", """{"reason": null}"""))["yankReason"]);
    }

    [Fact]
    public async Task A_deprecated_version_names_its_successor()
    {
        await ReadyAsync("old", "1.0.0", "1.1.0");
        await ReadyAsync("new", "2.0.0");
        foreach (var (successor, kept) in ((string, string)[])[("1.1", "1.1.0"), ("yank/new", "yank/new"), ("yank/new@2.0", "yank/new@2.0.0"), ("yank/old@1.1.0", "1.1.0")])
        {
            var answer = await _host.PatchAsync("yank/old/versions/1.0.0", $$"""{"deprecated": true, "successor": "{{successor}}"}""");
            Assert.Equal(["true", kept], [answer["deprecated"], answer["successor"]]);
        }
        Assert.Equal("1.0.0", (await _host.ComponentAsync("yank/old/versions/~1.0"))["version"]);
        var back = await _host.PatchAsync("yank/old/versions/1.0.0", """{"deprecated": null}""");
        Assert.Equal(["false", null], [back["deprecated"], back["successor"]]);
        Assert.Equal("version.undeprecated", (await _host.EventKindsAsync("yank/old"))[^1]);
    }

    [Theory]
    [InlineData("""{"deprecated": true, "successor": "9.9.9"}""")]
    [InlineData("""{"deprecated": true, "successor": "1.0.0"}""")]
    [InlineData("""{"deprecated": true, "successor": "yank/refused"}""")]
    [InlineData("""{"deprecated": true, "successor": "yank/refused@1.0"}""")]
    [InlineData("""{"deprecated": true, "successor": "no/body"}""")]
    [InlineData("""{"deprecated": true, "successor": "~1"}""")]
    [InlineData("""{"deprecated": true, "successor": "a/b/c"}""")]
    [InlineData("""{"deprecated": true, "successor": "https://example.org"}""")]
    [InlineData("""{"successor": "1.1.0"}""")]
    [InlineData("""{"reason": "without a yank"}""")]
    [InlineData("""{"yanked": "true"}""")]
    [InlineData("""{"yanked": true, "reason": ["a"]}""")]
    [InlineData("""{"yanked": true, "reason": "a\u0000b"}""")]
    [InlineData("""{"yank": true}""")]
    [InlineData("""{"state": "failed"}""")]
    public async Task A_field_that_makes_no_sense_is_a_422_that_changes_nothing(string body)
    {
        if ((await _host.ComponentAsync("yank/refused")).Status == HttpStatusCode.NotFound)
            await ReadyAsync("refused", "1.0.0", "1.1.0");
        var answer = await _host.PatchAsync("yank/refused/versions/1.0.0", body);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "bad-field"), (answer.Status, answer["type"]));
        var version = await _host.ComponentAsync("yank/refused/versions/1.0.0");
        Assert.Equal(["false", "false"], [version["yanked"], version["deprecated"]]);
    }

    [Theory]
    [InlineData("", "application/json", 400, "malformed-json")]
    [InlineData("[]", "application/json", 400, "malformed-json")]
    [InlineData("{\"yanked\": true", "application/json", 400, "malformed-json")]
    [InlineData("{\"yanked\": true, \"yanked\": false}", "application/json", 400, "malformed-json")]
    [InlineData("{\"\\ud800\": true}", "application/json", 400, "malformed-json")]
    [InlineData("{\"reason\": \"\\ud800\", \"yanked\": true}", "application/json", 422, "bad-field")]
    [InlineData("yanked=true", "application/x-www-form-urlencoded", 415, "not-json")]
    public async Task A_body_that_cannot_be_read_is_refused(string body, string type, int status, string problem)
    {
        if ((await _host.ComponentAsync("yank/bodies")).Status == HttpStatusCode.NotFound)
            await ReadyAsync("bodies", "1.0.0");
        var answer = await _host.Admin.SendAsync(HttpMethod.Patch, "/api/v1/components/yank/bodies/versions/1.0.0", Changes.Json(body, type));
        Assert.Equal((status, problem), ((int)answer.Status, answer["type"]));
    }

    [Fact]
    public async Task A_body_of_a_megabyte_is_refused() => Assert.Equal("body-too-large",
        (await _host.PatchAsync("yank/bodies/versions/1.0.0", $$"""{"reason": "{{new string('a', 1 << 20)}}"}"""))["type"]);

    [Fact]
    public async Task Only_a_ready_version_can_be_yanked()
    {
        await _host.PublishAsync("yank", "waits", "1.0.0", ("step.py", Samples.Script()));
        var answer = await _host.PatchAsync("yank/waits/versions/1.0.0", """{"yanked": true}""");
        Assert.Equal((HttpStatusCode.Conflict, "version-not-ready", "queued"), (answer.Status, answer["type"], answer["state"]));
    }

    [Theory]
    [InlineData("latest", 400, "bad-version")]
    [InlineData("~1", 400, "bad-version")]
    [InlineData("9.9.9", 404, "version-not-found")]
    public async Task One_exact_version_that_exists_is_changed(string version, int status, string problem)
    {
        if ((await _host.ComponentAsync("yank/exact")).Status == HttpStatusCode.NotFound)
            await ReadyAsync("exact", "1.0.0");
        var answer = await _host.PatchAsync($"yank/exact/versions/{version}", """{"yanked": true}""");
        Assert.Equal((status, problem), ((int)answer.Status, answer["type"]));
    }

    [Fact]
    public async Task A_change_needs_a_token()
    {
        var answer = await _host.Anonymous.SendAsync(HttpMethod.Patch, "/api/v1/components/yank/none/versions/1.0.0", Changes.Json("""{"yanked": true}"""));
        Assert.Equal((HttpStatusCode.Unauthorized, "unauthorized"), (answer.Status, answer["type"]));
    }

    [Fact]
    public async Task If_Match_lets_only_one_of_two_readers_change_a_version()
    {
        await ReadyAsync("matched", "1.0.0");
        var read = (await _host.ComponentAsync("yank/matched/versions/1.0.0")).ETag!;
        var first = await _host.PatchAsync("yank/matched/versions/1.0.0", """{"yanked": true, "reason": "one"}""", ("If-Match", read));
        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.Equal(first.ETag, (await _host.ComponentAsync("yank/matched/versions/1.0.0")).ETag);
        var second = await _host.PatchAsync("yank/matched/versions/1.0.0", """{"yanked": true, "reason": "two"}""", ("If-Match", read));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "precondition-failed"), (second.Status, second["type"]));
        Assert.Equal(first.ETag, second["etag"]);
        Assert.Equal("one", (await _host.ComponentAsync("yank/matched/versions/1.0.0"))["yankReason"]);
        Assert.Equal(HttpStatusCode.OK, (await _host.PatchAsync("yank/matched/versions/1.0.0", """{"reason": "two"}""", ("If-Match", $"\"other\", {first.ETag}"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.PatchAsync("yank/matched/versions/1.0.0", """{"reason": "three"}""", ("If-Match", "*"))).Status);
    }

    [Fact]
    public async Task An_If_Match_that_cannot_be_read_is_refused_and_a_weak_tag_never_matches()
    {
        await ReadyAsync("weak", "1.0.0");
        var read = (await _host.ComponentAsync("yank/weak/versions/1.0.0")).ETag!;
        Assert.Equal(HttpStatusCode.BadRequest, (await _host.PatchAsync("yank/weak/versions/1.0.0", """{"yanked": true}""", ("If-Match", read.Trim('"')))).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await _host.PatchAsync("yank/weak/versions/1.0.0", """{"yanked": true}""", ("If-Match", "W/" + read))).Status);
        Assert.Equal("false", (await _host.ComponentAsync("yank/weak/versions/1.0.0"))["yanked"]);
    }

    private async Task ReadyAsync(string name, params string[] versions)
    {
        foreach (var version in versions)
            await _host.PublishReadyAsync("yank", name, version, version);
    }

    private async Task<IEnumerable<string?>> ListedAsync(string name, string query = "") =>
        (await _host.ComponentAsync($"yank/{name}/versions{query}")).Items.Select(item => item.GetProperty("version").GetString());
}
