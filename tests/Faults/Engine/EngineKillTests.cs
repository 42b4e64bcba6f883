using System.Diagnostics;
using Xunit;

namespace Claimed.Faults.Engine;

/// <summary>The engine's own process is killed in the middle of a step, and comes back to what it has left.</summary>
public sealed class EngineKillTests
{
    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task An_engine_that_is_killed_and_started_again_goes_on_and_keeps_nothing_of_the_build_that_it_lost(string name)
    {
        await using var engine = await FaultsSetup.OwnEngineAsync(name);
        await using var line = EngineBehindProxy.Make(engine);
        await line.Registry.StartAsync();
        var step = $"/waits-{Guid.CreateVersion7():N}";
        var endless = await line.Registry.Admin.PublishAsync(new Attempt("endless", "1.0.0", step, Source.EndlessStep));
        await StepProcesses.UntilAsync(step, 1, line.Registry);
        // Killed while it starts a container, dockerd may be minutes about finding its way back.
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100)))
        {
            while ((await engine.DockerAsync("ps", "--quiet")).Succeeded().Length == 0)
                await timer.WaitForNextTickAsync();
        }

        var began = Stopwatch.GetTimestamp();
        await engine.KillAsync();
        var waits = await line.Registry.UntilAsync(endless.Path, version => version["state"] == "queued" && version["build.reason"] is not (null or "null"), Patience.Limit);
        Assert.Contains("engine", waits["build.reason"], StringComparison.OrdinalIgnoreCase);
        var published = await line.Registry.Admin.PublishAsync(new Attempt("after", "1.0.0", "after", Source.Dockerfile));
        await engine.StartAgainAsync();
        var ready = await line.Registry.UntilAsync(published.Path, version => version["state"] is "ready" or "failed", Patience.Limit);
        Assert.Equal("ready", ready["state"]);

        // It is built once more, and has no end by itself.
        var again = await line.Registry.UntilAsync(endless.Path, version => version["state"] == "building", Patience.Limit);
        (await line.Registry.Admin.PostAsync($"api/v1/builds/{again["build.id"]}/cancel", null)).EnsureSuccessStatusCode();
        var cancelled = await line.Registry.UntilAsync(endless.Path, version => version["state"] == "failed", Patience.Limit);
        await StepProcesses.UntilAsync(step, 0, line.Registry);
        var recovery = Stopwatch.GetElapsedTime(began);
        var invariants = new Invariants(line.Registry, Store.Sqlite);
        await invariants.CheckAsync([endless, published], reason => reason == cancelled["reason"] && reason.Contains("cancelled", StringComparison.OrdinalIgnoreCase));
        await invariants.CheckEngineAsync(engine);
        Figures.Add($"engine killed, {name}", Store.Sqlite, invariants, recovery);
        Assert.True(invariants.Hold, $"{invariants}\n{line.Registry.Output}");
    }
}
