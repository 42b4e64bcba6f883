using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>Builds by a real engine, killed in each of their phases; every version becomes ready in the end.</summary>
public sealed class BuildKillTests(FaultsSetup setup)
{
    private static readonly TimeSpan _phaseLimit = TimeSpan.FromSeconds(60);

    [Fact]
    public Task A_build_killed_while_the_engine_works_is_built_again() =>
        RunAsync("build", TimeSpan.FromMilliseconds(1200), line => line.Engine.UntilSentAsync("/build?", _phaseLimit));

    [Fact]
    public Task A_build_killed_during_its_push_is_built_again() =>
        RunAsync("build, push", TimeSpan.FromMilliseconds(150), line => line.Pushes.UntilSentAsync("POST /v2/acme/", _phaseLimit));

    [Fact]
    public Task A_build_killed_while_it_finishes_is_ready_once() =>
        RunAsync("build, finish", TimeSpan.FromMilliseconds(120), line => line.Pushes.UntilSentAsync("/manifests/build-", _phaseLimit));

    /// <param name="after">At most this long after the phase has shown itself.</param>
    private async Task RunAsync(string scenario, TimeSpan after, Func<EngineBehindProxy, Task> showsItself)
    {
        await using var line = EngineBehindProxy.Make(await setup.EngineAsync());
        await line.Registry.StartAsync();
        var rounds = new KillRounds(scenario, Store.Sqlite) { Settles = true };
        var phase = Task.CompletedTask;
        await rounds.RunAsync(line.Registry, async round =>
        {
            phase = showsItself(line);
            return [.. await Task.WhenAll(Enumerable.Range(0, 2).Select(index =>
                line.Registry.Admin.PublishAsync(new Attempt($"b{index}", $"1.{round}.0", $"{scenario}-{round}-{index}", Source.Dockerfile))))];
        }, async _ =>
        {
            await phase;
            await rounds.SomeTimeAsync(after);
        });
    }
}
