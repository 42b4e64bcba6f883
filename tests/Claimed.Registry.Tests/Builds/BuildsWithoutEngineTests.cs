using System.Diagnostics;
using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

public sealed class BuildsWithoutEngineTests(BuildsWithoutEngineTests.NoEngine registry) : IClassFixture<BuildsWithoutEngineTests.NoEngine>
{
    public sealed class NoEngine : SharedRegistry
    {
        protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
        {
            ["Builds:Enabled"] = "true",
            ["Builds:Endpoint"] = "tcp://127.0.0.1:1",
        };
    }

    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_publish_is_accepted_and_waits_saying_why()
    {
        var published = await PublishAsync("waits");
        Assert.Equal("queued", published["state"]);
        var build = await _host.UntilAsync(BuildPath(published), answer => answer["reason"]?.Contains("127.0.0.1:1", StringComparison.Ordinal) == true);
        Assert.Equal("queued", build["state"]);
        Assert.Equal(build["reason"], (await _host.ComponentAsync("acme/waits/versions/0.1.0"))["build.reason"]);
        var ready = await _host.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.Status);
        Assert.Contains(build["reason"]!, ready["degraded"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync("/health/live")).Status);
    }

    [Fact]
    public async Task A_cancelled_build_fails_its_version_and_a_retry_queues_a_new_one()
    {
        var published = await PublishAsync("cancelled");
        var cancelled = await _host.PostAsync(BuildPath(published) + "/cancel");
        Assert.Equal(HttpStatusCode.Accepted, cancelled.Status);
        Assert.Equal("cancelled", cancelled["state"]);
        var version = await _host.ComponentAsync("acme/cancelled/versions/0.1.0");
        Assert.Equal("failed", version["state"]);
        Assert.NotNull(version["reason"]);
        Assert.Equal("build-ended", (await _host.PostAsync(BuildPath(published) + "/cancel"))["type"]);

        var retried = await _host.PostAsync(BuildPath(published) + "/retry");
        Assert.Equal(HttpStatusCode.Accepted, retried.Status);
        Assert.NotEqual(published["build.id"], retried["id"]);
        Assert.Equal("queued", (await _host.ComponentAsync("acme/cancelled/versions/0.1.0"))["state"]);
        var refused = await _host.PostAsync(BuildPath(published) + "/retry");
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Equal("version-not-failed", refused["type"]);
        Assert.Equal("queued", refused["state"]);
    }

    [Fact]
    public async Task Cancel_and_retry_need_a_token_and_a_build()
    {
        var published = await PublishAsync("guarded");
        foreach (var verb in (string[])["cancel", "retry"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Anonymous.SendAsync(HttpMethod.Post, $"{BuildPath(published)}/{verb}")).Status);
            Assert.Equal("build-not-found", (await _host.PostAsync($"/api/v1/builds/999999/{verb}"))["type"]);
        }
        Assert.Equal("build-not-found", (await _host.GetAsync("/api/v1/builds/999999/log"))["type"]);
        Assert.Equal("queued", (await _host.GetAsync(BuildPath(published)))["state"]);
    }

    [Fact]
    public async Task The_event_stream_of_an_ended_build_ends_with_its_state()
    {
        var published = await PublishAsync("streamed");
        await _host.PostAsync(BuildPath(published) + "/cancel");
        var stream = await _host.GetAsync(BuildPath(published) + "/log", ("Accept", "text/event-stream"));
        Assert.Equal("text/event-stream", stream.ContentType);
        Assert.Contains("event: end\ndata: cancelled\n", stream.Text, StringComparison.Ordinal);
        Assert.Equal("text/plain; charset=utf-8", (await _host.GetAsync(BuildPath(published) + "/log")).ContentType);
    }

    [Fact]
    public async Task A_publish_that_waits_answers_when_its_time_is_over()
    {
        var began = Stopwatch.GetTimestamp();
        var answer = await _host.PostAsync("/api/v1/components/acme/waited/versions?wait=1", new Multipart().Source("step.py", Samples.Script()));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("queued", answer["state"]);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1, 20);
    }

    [Fact]
    public async Task A_publish_that_waits_answers_as_soon_as_the_build_has_ended()
    {
        var waiting = _host.PostAsync("/api/v1/components/acme/ended/versions?wait=500", new Multipart().Source("step.py", Samples.Script()));
        var version = await _host.UntilAsync("/api/v1/components/acme/ended/versions/0.1.0", answer => answer.Status == HttpStatusCode.OK);
        await _host.PostAsync(BuildPath(version) + "/cancel");
        Assert.Equal("failed", (await waiting)["state"]);
    }

    [Fact]
    public async Task Builds_are_listed_newest_first_by_state_and_page()
    {
        var first = await PublishAsync("listed-one");
        var second = await PublishAsync("listed-two");
        await _host.PostAsync(BuildPath(first) + "/cancel");
        var all = (await _host.GetAsync("/api/v1/builds?limit=200")).Items.Select(Id).ToList();
        Assert.Equal(all.OrderDescending(), all);
        Assert.Contains(long.Parse(second["build.id"]!), all);
        Assert.Contains(long.Parse(first["build.id"]!), (await _host.GetAsync("/api/v1/builds?state=cancelled")).Items.Select(Id));
        Assert.DoesNotContain(long.Parse(first["build.id"]!), (await _host.GetAsync("/api/v1/builds?state=queued")).Items.Select(Id));
        var page = await _host.GetAsync("/api/v1/builds?limit=1");
        var next = await _host.GetAsync($"/api/v1/builds?limit=1&cursor={page["next"]}");
        Assert.True(Id(next.Items[0]) < Id(page.Items[0]));
        Assert.Equal("bad-query", (await _host.GetAsync("/api/v1/builds?state=done"))["type"]);
        Assert.Equal("bad-query", (await _host.GetAsync("/api/v1/builds?cursor=x"))["type"]);
    }

    private Task<Answer> PublishAsync(string name) => _host.PublishAsync("acme", name, null, ("step.py", Samples.Script()));

    private static string BuildPath(Answer version) => $"/api/v1/builds/{version["build.id"]}";

    private static long Id(System.Text.Json.JsonElement build) => build.GetProperty("id").GetInt64();
}
