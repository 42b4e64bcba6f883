using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>Publishers at work when the program dies: what was acknowledged stays, what was not can be sent again.</summary>
public sealed class PublishKillTests(FaultsSetup setup)
{
    private const int Publishers = 4;

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public Task Publishes_without_a_build_survive_every_kill(string database) => RunAsync("publish, nothing to build", database, Source.ExistingImage, []);

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public Task Publishes_whose_builds_wait_survive_every_kill(string database) => RunAsync("publish, build waits", database, Source.Script, new Dictionary<string, string>
    {
        ["Builds:Enabled"] = "true",
        ["Builds:Endpoint"] = "tcp://127.0.0.1:1",
    });

    private async Task RunAsync(string scenario, string database, Source source, Dictionary<string, string> settings)
    {
        var store = await setup.StoreAsync(database);
        await using var registry = new RegistryProcess(new Dictionary<string, string>([.. settings, .. store.Settings()]));
        await store.PrepareAsync();
        await registry.StartAsync();
        var rounds = new KillRounds(scenario, store, Figures.Kills(3));
        var progress = new Progress();
        await rounds.RunAsync(registry, async round =>
        {
            var publishers = Enumerable.Range(0, Publishers).Select(index => registry.PublishUntilCutAsync($"p{round}-{index}", source, progress));
            return [.. (await Task.WhenAll(publishers)).SelectMany(made => made)];
        }, _ => rounds.SomeStepsAsync(progress, 40));
    }
}
