using System.Net;
using Claimed.Registry.Builds;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

/// <summary>Whose build is taken next.</summary>
public sealed class BuildTurnTests : IAsyncLifetime
{
    private static readonly BuilderOffer Amd64 = new("docker 20.10.24 linux/amd64", "linux/amd64");
    private RegistryHost _host = null!;
    private BuildQueue _queue = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Builds:LookInterval"] = "00:00:00.5", ["Builds:NamespaceConcurrency"] = "3" });
        _queue = _host.Services.GetRequiredService<BuildQueue>();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_namespace_with_many_builds_delays_another_by_one_build_at_most()
    {
        for (var i = 0; i < 4; i++)
            await PublishAsync("busy", $"b{i}");
        await PublishAsync("small", "s");
        await PublishAsync("late", "l");
        var order = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            var lease = await _queue.TakeAsync(Amd64, CancellationToken.None);
            order.Add(await SubjectAsync(lease!));
            await _queue.FailAsync(lease!, "failed", "for the test", null, CancellationToken.None);
        }
        Assert.Equal(["busy/b0", "small/s", "late/l", "busy/b1", "busy/b2", "busy/b3"], order);
    }

    [Fact]
    public async Task Builders_that_work_at_the_same_time_share_themselves_out_among_namespaces()
    {
        for (var i = 0; i < 4; i++)
            await PublishAsync("busy", $"b{i}");
        for (var i = 0; i < 2; i++)
            await PublishAsync("small", $"s{i}");
        var order = new List<string>();
        while (await _queue.TakeAsync(Amd64, CancellationToken.None) is { } lease)
            order.Add(await SubjectAsync(lease));
        // The fourth of the first namespace waits: three are its most.
        Assert.Equal(["busy/b0", "small/s0", "busy/b1", "small/s1", "busy/b2"], order);
    }

    [Fact]
    public async Task A_limit_holds_for_builders_that_take_at_the_same_moment()
    {
        for (var i = 0; i < 8; i++)
            await PublishAsync("busy", $"b{i}");
        await ChangeAsync("busy", """{"builds": {"concurrency": 2}}""");
        var leases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _queue.TakeAsync(Amd64, CancellationToken.None))));
        Assert.Equal(2, leases.Count(lease => lease is not null));
        Assert.Equal(2, (await _host.GetAsync("/api/v1/builds?state=building")).Items.Count());
        Assert.Equal(6, (await _host.GetAsync("/api/v1/builds?state=queued")).Items.Count());
    }

    [Fact]
    public async Task A_builder_leaves_what_its_engine_cannot_make_and_the_build_says_that_nobody_can()
    {
        var published = await PublishAsync("acme", "far", new Multipart().Source("step.py", Samples.Script()).Field("platform", "linux/s390x"));
        Assert.Equal("linux/s390x", published["build.platform"]);
        await _host.Services.GetRequiredService<BuilderRoll>().EnterAsync(Amd64.Engine, Amd64.Platforms, null, 0, CancellationToken.None);
        Assert.Null(await _queue.TakeAsync(Amd64, CancellationToken.None));
        var said = await _host.UntilAsync($"/api/v1/builds/{published["build.id"]}", build => build["reason"] is not null);
        Assert.Equal("No builder makes images for linux/s390x; those that run make linux/amd64.", said["reason"]);
        var builder = Assert.Single((await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/builders")).Items);
        Assert.Equal("docker 20.10.24 linux/amd64", builder.GetProperty("engine").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Anonymous.GetAsync("/api/v1/builders")).StatusCode);

        var lease = await _queue.TakeAsync(new BuilderOffer("docker on a mainframe", "linux/s390x"), CancellationToken.None);
        Assert.Equal("acme/far", await SubjectAsync(lease!));
        Assert.Equal("linux/s390x", lease!.Platform);
    }

    [Fact]
    public async Task Of_several_platforms_the_first_that_fails_decides_and_one_that_ends_late_changes_nothing()
    {
        var published = await PublishAsync("acme", "both", new Multipart().Source("step.py", Samples.Script()).Field("platform", "linux/arm64,linux/amd64"));
        var both = new BuilderOffer("docker with emulation", "linux/amd64", "linux/arm64");
        var (first, second) = ((await _queue.TakeAsync(both, CancellationToken.None))!, (await _queue.TakeAsync(both, CancellationToken.None))!);
        Assert.Equal(["linux/amd64", "linux/arm64"], new[] { first.Platform, second.Platform });
        Assert.True(await _queue.FailAsync(first, "failed", "The true reason.", null, CancellationToken.None));
        // The other hears of it, and is told so by its next beat.
        Assert.True(await _queue.BeatAsync(second, CancellationToken.None));
        Assert.Equal("The true reason.", (await _host.ComponentAsync("acme/both/versions/0.1.0"))["reason"]);

        var retried = await _host.PostAsync($"/api/v1/builds/{published["build.id"]}/retry");
        Assert.Equal(HttpStatusCode.Accepted, retried.Status);
        Assert.True(await _queue.FailAsync(second, "cancelled", "The build was cancelled.", null, CancellationToken.None));
        var version = await _host.ComponentAsync("acme/both/versions/0.1.0");
        Assert.Equal(("queued", null), (version["state"], version["reason"]));
        Assert.Equal(["cancelled", "failed", "queued", "queued"], (await _host.GetAsync("/api/v1/builds")).Items.Select(build => build.GetProperty("state").GetString()!).Order(StringComparer.Ordinal));
        Assert.Single(await _host.EventKindsAsync("acme/both"), kind => kind == "version.failed");
    }

    [Fact]
    public async Task Of_the_next_builds_one_whose_base_image_is_there_goes_first()
    {
        await PublishAsync("acme", "first");
        await PublishAsync("acme", "second", new Multipart().Source("step.py", Samples.Script()).Field("baseImage", "example.org/large@sha256:" + new string('a', 64)));
        var holder = Amd64 with { Holds = name => name.StartsWith("example.org/large@", StringComparison.Ordinal) };
        Assert.Equal("acme/second", await SubjectAsync((await _queue.TakeAsync(holder, CancellationToken.None))!));
        Assert.Equal("acme/first", await SubjectAsync((await _queue.TakeAsync(holder, CancellationToken.None))!));
    }

    [Fact]
    public async Task A_build_that_is_handed_back_uses_up_no_attempt_and_keeps_its_log()
    {
        await PublishAsync("acme", "returned");
        var first = await _queue.TakeAsync(Amd64, CancellationToken.None);
        await _queue.HandBackAsync(first!, "The registry was stopped during the build.", countsAttempt: false, TimeSpan.Zero, null, CancellationToken.None);
        var second = await _queue.TakeAsync(Amd64, CancellationToken.None);
        Assert.Equal((first!.BuildId, 1, first.Fence + 1), (second!.BuildId, second.Attempt, second.Fence));
        Assert.Null(await _queue.BeatAsync(first, CancellationToken.None));
        Assert.False(await _queue.FailAsync(first, "failed", "too late", null, CancellationToken.None));
        Assert.False(await _queue.BeatAsync(second, CancellationToken.None));
    }

    [Fact]
    public async Task Limits_of_builds_are_for_administrators_and_are_checked()
    {
        await PublishAsync("acme", "one");
        var set = await ChangeAsync("acme", """{"builds": {"concurrency": 4, "timeoutSeconds": 7200, "memory": 8589934592, "cpus": 1.5}}""");
        Assert.Equal(HttpStatusCode.OK, set.Status);
        Assert.Equal("""{"concurrency":4,"timeoutSeconds":7200,"memory":8589934592,"cpus":1.5}""", set.Json.GetProperty("builds").GetRawText());
        var lease = await _queue.TakeAsync(Amd64, CancellationToken.None);
        Assert.Equal((TimeSpan.FromHours(2), 8589934592, 1.5), (lease!.Limits.Timeout, lease.Limits.Memory, lease.Limits.Cpus));
        foreach (var wrong in (string[])["""{"concurrency": 0}""", """{"memory": 5}""", """{"cpus": 0}""", """{"pids": "many"}""", """{"speed": 3}"""])
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ChangeAsync("acme", $$"""{"builds": {{wrong}}}""")).Status);
        await ChangeAsync("acme", """{"builds": null}""");
        Assert.False((await _host.GetAsync("/api/v1/namespaces/acme")).Json.TryGetProperty("builds", out var left) && left.ValueKind == System.Text.Json.JsonValueKind.Object);
    }

    private Task<Answer> PublishAsync(string space, string name, Multipart? form = null) =>
        _host.PublishAsync(space, name, null, form ?? new Multipart().Source("step.py", Samples.Script(name)));

    private Task<Answer> ChangeAsync(string space, string json) =>
        _host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/namespaces/{space}", Changes.Json(json));

    private async Task<string> SubjectAsync(BuildLease lease)
    {
        var version = (await _host.GetAsync($"/api/v1/builds/{lease.BuildId}")).Json.GetProperty("links").GetProperty("version").GetString()!;
        return string.Join('/', new Uri(version).AbsolutePath.Split('/')[4..6]);
    }
}
