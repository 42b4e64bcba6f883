using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>Builds by a real engine, killed in each of their phases; every version becomes ready in the end.</summary>
public sealed class BuildKillTests(FaultsSetup setup)
{
    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public Task A_build_killed_while_the_engine_works_is_built_again(string database) =>
        RunAsync("build", database, TimeSpan.FromMilliseconds(400), line => line.Engine.UntilSentAsync("/build?", Patience.Limit));

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public Task A_build_killed_during_its_push_is_built_again(string database) =>
        RunAsync("build, push", database, TimeSpan.FromMilliseconds(150), line => line.Pushes.UntilSentAsync("POST /v2/acme/", Patience.Limit));

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public Task A_build_killed_while_it_finishes_is_ready_once(string database) =>
        RunAsync("build, finish", database, TimeSpan.FromMilliseconds(120), line => line.Pushes.UntilSentAsync("/manifests/build-", Patience.Limit));

    [Theory]
    [InlineData("build", "/build?", 400)]
    [InlineData("build, push", "/push?", 150)]
    public Task A_build_at_Podman_that_is_killed_is_built_again_and_leaves_nothing(string scenario, string phase, int after) =>
        RunAsync(scenario, "SQLite", TimeSpan.FromMilliseconds(after), line => line.Engine.UntilSentAsync(phase, Patience.Limit), "podman");

    /// <param name="after">At most this long after the phase has shown itself.</param>
    private async Task RunAsync(string scenario, string database, TimeSpan after, Func<EngineBehindProxy, Task> showsItself, string? engineName = null)
    {
        var store = await setup.StoreAsync(database);
        var engine = await setup.EngineAsync(engineName ?? "docker");
        await using var line = EngineBehindProxy.Make(engine, store.Settings());
        await store.PrepareAsync();
        await line.Registry.StartAsync();
        var rounds = new KillRounds(engineName is null ? scenario : $"{scenario}, {engineName}", store, Figures.Kills(1)) { Settles = true, Engine = engine };
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
