using System.Diagnostics;
using Claimed.Faults.Engine;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Roles;

/// <summary>Housekeeping and a clock that is set while a build runs.</summary>
public sealed class ClockTests(FaultsSetup setup)
{
    private const int ManyRounds = 30;
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("-3h")]
    [InlineData("+3h")]
    public async Task A_step_that_runs_is_no_leftover_to_a_clock_that_jumped(string jump)
    {
        await using var fleet = await Fleet.StartAsync(setup, 0);
        var builder = await fleet.AddAsync(new Dictionary<string, string>([EngineLeftovers.OftenTidied]));
        using var clock = new JumpingClock(builder.Registry);
        await builder.Registry.StartAsync();
        var asked = builder.Engine.UntilSentAsync("/build?", _limit);
        // The build has begun, and nothing of it is at the engine yet.
        builder.Engine.Delay = TimeSpan.FromMilliseconds(300);
        var step = $"/waits-{Guid.CreateVersion7():N}";
        var endless = await fleet.Web.Admin.PublishAsync(new Attempt("endless", "1.0.0", step, Source.EndlessStep));
        await asked;
        clock.Jump(jump);
        builder.Engine.Delay = TimeSpan.Zero;
        await StepProcesses.UntilAsync(step, 1, builder.Registry);

        var began = Stopwatch.GetTimestamp();
        for (var look = 0; look < ManyRounds; look++)
            await builder.Engine.UntilSentAsync("/images/json?", _limit);
        Assert.True(StepProcesses.Count(step) == 1, $"The step is gone.\n{builder.Registry.Output}");
        var runs = await fleet.Web.Anonymous.SendAsync(HttpMethod.Get, endless.Path);
        Assert.Equal("building", runs["state"]);

        (await fleet.Web.Admin.PostAsync($"api/v1/builds/{runs["build.id"]}/cancel", null)).EnsureSuccessStatusCode();
        await StepProcesses.UntilAsync(step, 0, builder.Registry);
        var invariants = new Invariants(fleet.Web, fleet.Store);
        await invariants.SettleAsync(_limit);
        await invariants.CheckAsync([endless], reason => reason.Contains("cancelled", StringComparison.OrdinalIgnoreCase));
        Figures.Add($"clock jumps {jump}, housekeeping", fleet.Store, invariants, Stopwatch.GetElapsedTime(began));
        Assert.True(invariants.Hold, $"{invariants}\n{fleet.Output}");
    }
}
