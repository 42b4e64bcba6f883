using System.Diagnostics;
using Claimed.Database.Builds;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Claimed.Faults.Roles;

/// <summary>Web and builders as processes of their own: who takes a build, who may finish it, and what becomes of the builds of one that goes.</summary>
public sealed class FleetTests(FaultsSetup setup)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Builders_that_compete_build_each_version_once_however_often_they_are_called()
    {
        await using var fleet = await Fleet.StartAsync(setup, 2);
        await using var echo = await BusEcho.StartAsync(fleet.Broker, times: 5);
        var published = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => PublishAsync(fleet, $"c{index}")));
        await HoldAsync(fleet, "calls doubled", published, Stopwatch.GetTimestamp());
        Assert.True(echo.Sent >= 40, $"{echo.Sent} calls were sent again");
        await using var db = fleet.Store.Open(fleet.Web);
        var builds = await db.Builds.ToListAsync();
        Assert.All(builds, build => Assert.Equal((BuildState.Succeeded, 1), (build.State, build.Attempt)));
        Assert.Equal(published.Length, builds.Count);
    }

    [Fact]
    public async Task A_builder_that_stands_still_beyond_its_lease_cannot_finish_what_another_has_built()
    {
        await using var fleet = await Fleet.StartAsync(setup, 1);
        var (slow, began) = (fleet.Builders[0], Stopwatch.GetTimestamp());
        var building = slow.Pushes.UntilSentAsync("/manifests/build-", _limit);
        var published = await PublishAsync(fleet, "fenced");
        // The engine has the image; the builder is about to make the version ready.
        await building;
        await slow.Registry.FreezeAsync();
        var other = await fleet.AddAsync();
        await other.Registry.StartAsync();
        var ready = await EndedAsync(fleet, published);
        Assert.Equal("ready", ready["state"]);
        var image = ready["imageDigest"];
        await slow.Registry.ThawAsync();
        await slow.Registry.UntilSaysAsync("was taken over by another builder", _limit);

        Assert.Equal(image, (await fleet.Web.Anonymous.SendAsync(HttpMethod.Get, published.Path))["imageDigest"]);
        await HoldAsync(fleet, "lease expired during a build", [published], began);
        await using var db = fleet.Store.Open(fleet.Web);
        var build = await db.Builds.SingleAsync();
        Assert.Equal((BuildState.Succeeded, 2), (build.State, build.Attempt));
        Assert.Equal(1, await db.Events.CountAsync(row => row.Kind == "version.ready"));
    }

    [Fact]
    public async Task A_builder_that_is_told_to_stop_hands_its_build_to_another_which_counts_no_attempt()
    {
        await using var fleet = await Fleet.StartAsync(setup, 1);
        var (leaving, began) = (fleet.Builders[0], Stopwatch.GetTimestamp());
        var asked = leaving.Engine.UntilSentAsync("/build?", _limit);
        leaving.Engine.Delay = TimeSpan.FromSeconds(1);
        var published = await PublishAsync(fleet, "handed-back");
        await asked;
        await leaving.Registry.StopAsync();
        Assert.Equal(0, leaving.Registry.ExitCode);
        // The web sees it with its next look at the events.
        var waiting = await fleet.Web.UntilAsync(published.Path, version => version["state"] == "queued", _limit);
        Assert.Equal("The registry was stopped during the build.", waiting["build.reason"]);

        var other = await fleet.AddAsync();
        await other.Registry.StartAsync();
        await HoldAsync(fleet, "builder told to stop", [published], began);
        await using var db = fleet.Store.Open(fleet.Web);
        Assert.Equal(1, (await db.Builds.SingleAsync()).Attempt);
    }

    [Fact]
    public async Task Builders_killed_at_any_moment_lose_no_build_and_make_no_image_twice()
    {
        await using var fleet = await Fleet.StartAsync(setup, 2);
        var random = new Random(Seed());
        var (kept, longest) = (new List<Attempt>(), TimeSpan.Zero);
        var invariants = new Invariants(fleet.Web, fleet.Store);
        for (var round = 0; round < Figures.KillsOnOneDatabase; round++)
        {
            var victim = fleet.Builders[round % 2];
            kept.AddRange(await Task.WhenAll(Enumerable.Range(0, 3).Select(index => PublishAsync(fleet, $"k{index}", $"1.{round}.0"))));
            await Task.Delay(TimeSpan.FromMilliseconds(1500 * random.NextDouble()));
            victim.Registry.Kill();
            var began = Stopwatch.GetTimestamp();
            await victim.Registry.StartAsync();
            await invariants.SettleAsync(_limit);
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
        }
        await invariants.CheckAsync(kept);
        Figures.Add(new Figure("builder of several killed", fleet.Store.Name, Figures.KillsOnOneDatabase, kept.Count, invariants.Lost.Count, invariants.Stuck.Count, invariants.Broken.Count, longest));
        Assert.True(invariants.Hold, $"{invariants}\n{fleet.Output}");
        await using var db = fleet.Store.Open(fleet.Web);
        Assert.Equal(kept.Count, await db.Events.CountAsync(row => row.Kind == "version.ready"));
    }

    [Fact]
    public async Task A_broker_that_is_stopped_and_started_loses_no_build_and_wakes_builders_again()
    {
        await using var fleet = await Fleet.StartAsync(setup, 1);
        var began = Stopwatch.GetTimestamp();
        fleet.ToBroker.Vanish();
        var published = new List<Attempt> { await PublishAsync(fleet, "without") };
        Assert.Equal("ready", (await EndedAsync(fleet, published[0]))["state"]);
        fleet.ToBroker.Switch(ProxyMode.Forward);
        await fleet.Web.UntilAsync("/health/ready", ready => ready["degraded"]?.Contains("broker", StringComparison.Ordinal) == false, _limit);
        published.Add(await PublishAsync(fleet, "with"));
        await HoldAsync(fleet, "broker away from web and builder", published, began);
    }

    [Theory]
    [InlineData("+3h")]
    [InlineData("-3h")]
    public async Task A_builder_whose_clock_jumps_keeps_its_build_and_takes_others(string jump)
    {
        await using var fleet = await Fleet.StartAsync(setup, 0);
        var builder = await fleet.AddAsync();
        using var clock = new JumpingClock(builder.Registry);
        await builder.Registry.StartAsync();
        var began = Stopwatch.GetTimestamp();
        var asked = builder.Engine.UntilSentAsync("/build?", _limit);
        builder.Engine.Delay = TimeSpan.FromMilliseconds(300);
        var first = await PublishAsync(fleet, "during");
        await asked;
        clock.Jump(jump);
        builder.Engine.Delay = TimeSpan.Zero;
        Assert.Equal("ready", (await EndedAsync(fleet, first))["state"]);

        // One that was handed back by a clock that is ahead, or is taken by one that is behind, does not wait for hours.
        var second = await PublishAsync(fleet, "after");
        Assert.Equal("ready", (await EndedAsync(fleet, second))["state"]);
        builder.Engine.Vanish();
        var third = await PublishAsync(fleet, "cut");
        builder.Engine.Switch(ProxyMode.Forward);
        await HoldAsync(fleet, $"clock jumps {jump}", [first, second, third], began);
        await using var db = fleet.Store.Open(fleet.Web);
        var ahead = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds();
        var behind = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds();
        // The clock did jump.
        Assert.Contains(await db.Builds.Select(build => build.EndedAt!.Value).ToListAsync(), ended => ended > ahead || ended < behind);
    }

    private static int Seed()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CLAIMED_FAULTS_SEED"), out var given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"CLAIMED_FAULTS_SEED={seed}");
        return seed;
    }

    private static async Task<Attempt> PublishAsync(Fleet fleet, string name, string number = "1.0.0")
    {
        var attempt = await fleet.Web.Admin.PublishAsync(new Attempt(name, number, $"{name}-{number}", Source.Dockerfile));
        Assert.True(attempt.IsAcknowledged);
        return attempt;
    }

    private static Task<Answer> EndedAsync(Fleet fleet, Attempt attempt) =>
        fleet.Web.UntilAsync(attempt.Path, version => version["state"] is "ready" or "failed", _limit);

    private static async Task HoldAsync(Fleet fleet, string scenario, IReadOnlyCollection<Attempt> published, long began)
    {
        var invariants = new Invariants(fleet.Web, fleet.Store);
        await invariants.SettleAsync(_limit);
        await invariants.CheckAsync(published);
        Figures.Add(scenario, fleet.Store, invariants, Stopwatch.GetElapsedTime(began));
        Assert.True(invariants.Hold, $"{invariants}\n{fleet.Output}");
    }
}
