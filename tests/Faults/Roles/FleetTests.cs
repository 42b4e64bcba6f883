using System.Diagnostics;
using Claimed.Database.Builds;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Claimed.Faults.Roles;

/// <summary>Web and builders as processes of their own: who takes a build, who may finish it, and what becomes of the builds of one that goes.</summary>
public sealed class FleetTests(FaultsSetup setup)
{
    [Fact]
    public async Task Builders_that_compete_build_each_version_once_however_often_they_are_called()
    {
        await using var fleet = await Fleet.StartAsync(setup, 2);
        await using var echo = await BusEcho.StartAsync(fleet.Broker, times: 5);
        var published = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => fleet.PublishAsync($"c{index}")));
        await fleet.HoldAsync("calls doubled", published, Stopwatch.GetTimestamp());
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
        var pushing = slow.Engine.UntilSentAsync("/push?", Patience.Limit);
        var published = await fleet.PublishAsync("fenced");
        await pushing;
        // The engine has pushed the image, and the builder, who hears of it late, is about to make the version ready.
        slow.Engine.Delay = TimeSpan.FromSeconds(2);
        await UntilPushedAsync(fleet);
        await slow.Registry.FreezeAsync();
        // Its engine has nothing of the first, so that it makes an image of its own.
        var other = await fleet.AddAsync(engine: "podman");
        await other.Registry.StartAsync();
        var ready = await fleet.EndedAsync(published);
        Assert.Equal("ready", ready["state"]);
        var image = ready["imageDigest"];
        slow.Mend();
        await slow.Registry.ThawAsync();
        await slow.Registry.UntilSaysAsync("was taken over by another builder", Patience.Limit);

        Assert.Equal(image, (await fleet.Web.Anonymous.SendAsync(HttpMethod.Get, published.Path))["imageDigest"]);
        await fleet.HoldAsync("lease expired during a build", [published], began);
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
        var asked = leaving.Engine.UntilSentAsync("/build?", Patience.Limit);
        leaving.Engine.Delay = TimeSpan.FromSeconds(1);
        var published = await fleet.PublishAsync("handed-back");
        await asked;
        await leaving.Registry.StopAsync();
        Assert.Equal(0, leaving.Registry.ExitCode);
        // The web sees it with its next look at the events.
        var waiting = await fleet.Web.UntilAsync(published.Path, version => version["state"] == "queued", Patience.Limit);
        Assert.Equal("The registry was stopped during the build.", waiting["build.reason"]);

        var other = await fleet.AddAsync();
        await other.Registry.StartAsync();
        await fleet.HoldAsync("builder told to stop", [published], began);
        await using var db = fleet.Store.Open(fleet.Web);
        Assert.Equal(1, (await db.Builds.SingleAsync()).Attempt);
    }

    [Fact]
    public async Task Builders_killed_at_any_moment_lose_no_build_and_make_no_image_twice()
    {
        await using var fleet = await Fleet.StartAsync(setup, 2);
        var random = new Random(Seed());
        var kills = Figures.Kills(5);
        var (kept, longest) = (new List<Attempt>(), TimeSpan.Zero);
        var invariants = new Invariants(fleet.Web, fleet.Store);
        for (var round = 0; round < kills; round++)
        {
            var victim = fleet.Builders[round % 2];
            kept.AddRange(await Task.WhenAll(Enumerable.Range(0, 3).Select(index => fleet.PublishAsync($"k{index}", $"1.{round}.0"))));
            await Task.Delay(TimeSpan.FromMilliseconds(1500 * random.NextDouble()));
            victim.Registry.Kill();
            var began = Stopwatch.GetTimestamp();
            await victim.Registry.StartAsync();
            await invariants.SettleAsync(Patience.Limit);
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
        }
        await invariants.CheckAsync(kept);
        await invariants.CheckEngineAsync(fleet.Builders[0].Server);
        Figures.Add(new Figure("builder of several killed", fleet.Store.Name, kills, kept.Count, invariants.Lost.Count, invariants.Stuck.Count, invariants.Broken.Count, longest));
        Assert.True(invariants.Hold, $"{invariants}\n{fleet.Output}");
        await using var db = fleet.Store.Open(fleet.Web);
        Assert.Equal(kept.Count, await db.Events.CountAsync(row => row.Kind == "version.ready"));
    }

    /// <summary>Returns when the image of a build that is under way lies in its repository.</summary>
    private static async Task UntilPushedAsync(Fleet fleet)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        await using var db = fleet.Store.Open(fleet.Web);
        while (!await db.Tags.AnyAsync(tag => tag.Name.StartsWith("build-"), limit.Token))
            await timer.WaitForNextTickAsync(limit.Token);
    }

    private static int Seed()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CLAIMED_FAULTS_SEED"), out var given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"CLAIMED_FAULTS_SEED={seed}");
        return seed;
    }
}
