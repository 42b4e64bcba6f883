using System.Diagnostics;
using Claimed.Faults.Engine;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Claimed.Faults.Roles;

/// <summary>The clock of a builder is set while a build runs.</summary>
public sealed class ClockTests(ClockedFleet clocked) : IClassFixture<ClockedFleet>
{
    /// <summary>Looks of housekeeping at the engine; a few make a round.</summary>
    private const int ManyLooks = 12;


    private Fleet Fleet => clocked.Fleet;

    private EngineBehindProxy Builder => Fleet.Builders[0];

    [Theory]
    [InlineData("-3h", "behind")]
    [InlineData("+3h", "ahead")]
    public async Task A_step_that_runs_is_no_leftover_to_a_clock_that_jumped(string jump, string where)
    {
        var step = $"/waits-{Guid.CreateVersion7():N}";
        var endless = await JumpAsync(jump, $"endless-{where}", step, Source.EndlessStep);
        await StepProcesses.UntilAsync(step, 1, Builder.Registry);

        var began = Stopwatch.GetTimestamp();
        for (var look = 0; look < ManyLooks; look++)
            await Builder.Engine.UntilSentAsync("/images/json?", Patience.Limit);
        Assert.True(StepProcesses.Count(step) == 1, $"The step is gone.\n{Builder.Registry.Output}");
        var runs = await Fleet.Web.Anonymous.SendAsync(HttpMethod.Get, endless.Path);
        Assert.Equal("building", runs["state"]);

        (await Fleet.Web.Admin.PostAsync($"api/v1/builds/{runs["build.id"]}/cancel", null)).EnsureSuccessStatusCode();
        await StepProcesses.UntilAsync(step, 0, Builder.Registry);
        await HoldAsync($"clock jumps {jump}, housekeeping", [endless], began);
    }

    [Theory]
    [InlineData("+3h", "ahead")]
    [InlineData("-3h", "behind")]
    public async Task A_builder_whose_clock_jumps_keeps_its_build_and_takes_others(string jump, string where)
    {
        var began = Stopwatch.GetTimestamp();
        var first = await JumpAsync(jump, $"during-{where}", where, Source.Dockerfile);
        await ReadyAsync(first);

        // One that was handed back by a clock that is ahead, or is taken by one that is behind, does not wait for hours.
        var second = await Fleet.PublishAsync($"after-{where}");
        await ReadyAsync(second);
        Builder.Engine.Vanish();
        var third = await Fleet.PublishAsync($"cut-{where}");
        Builder.Engine.Switch(ProxyMode.Forward);
        await HoldAsync($"clock jumps {jump}", [first, second, third], began);
        await using var db = Fleet.Store.Open(Fleet.Web);
        var ahead = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds();
        var behind = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds();
        // The clock did jump.
        var ends = await db.Builds.Where(build => build.Version!.Component!.Name.EndsWith(where)).Select(build => build.EndedAt!.Value).ToListAsync();
        Assert.Contains(ends, ended => where == "ahead" ? ended > ahead : ended < behind);
    }

    /// <summary>Publishes and lets the clock jump when the build has begun and nothing of it is at the engine yet.</summary>
    private async Task<Attempt> JumpAsync(string jump, string name, string word, Source source)
    {
        clocked.Clock.Jump("+0");
        var asked = Builder.Engine.UntilSentAsync("/build?", Patience.Limit);
        Builder.Engine.Delay = TimeSpan.FromMilliseconds(300);
        var published = await Fleet.Web.Admin.PublishAsync(new Attempt(name, "1.0.0", word, source));
        Assert.True(published.IsAcknowledged);
        await asked;
        clocked.Clock.Jump(jump);
        Builder.Engine.Delay = TimeSpan.Zero;
        return published;
    }

    private async Task ReadyAsync(Attempt published)
    {
        var ended = await Fleet.EndedAsync(published);
        Assert.True(ended["state"] == "ready", $"{ended["reason"]}\n{Fleet.Output}");
    }

    private Task HoldAsync(string scenario, IReadOnlyCollection<Attempt> published, long began) =>
        Fleet.HoldAsync(scenario, published, began, reason => reason.Contains("cancelled", StringComparison.OrdinalIgnoreCase));
}

/// <summary>A fleet whose one builder has a clock that can be set.</summary>
public sealed class ClockedFleet(FaultsSetup setup) : IAsyncLifetime
{
    private Fleet? _fleet;

    public Fleet Fleet => _fleet!;

    public JumpingClock Clock { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _fleet = await Fleet.StartAsync(setup, 0);
        var builder = await _fleet.AddAsync();
        Clock = new JumpingClock(builder.Registry);
        await builder.Registry.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null)
            await _fleet.DisposeAsync();
        Clock?.Dispose();
    }
}
