using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>Publishers at work when the program dies: what was acknowledged stays, what was not can be sent again.</summary>
public sealed class PublishKillTests
{
    private const int Publishers = 4;

    [Fact]
    public Task Publishes_without_a_build_survive_every_kill() => RunAsync("publish, nothing to build", Source.ExistingImage, []);

    [Fact]
    public Task Publishes_whose_builds_wait_survive_every_kill() => RunAsync("publish, build waits", Source.Script, new Dictionary<string, string>
    {
        ["Builds:Enabled"] = "true",
        ["Builds:Endpoint"] = "tcp://127.0.0.1:1",
    });

    private static async Task RunAsync(string scenario, Source source, Dictionary<string, string> settings)
    {
        await using var registry = await RegistryProcess.StartAsync(settings);
        var rounds = new KillRounds(scenario, Store.Sqlite);
        var progress = new Progress();
        await rounds.RunAsync(registry, async round =>
        {
            var publishers = Enumerable.Range(0, Publishers).Select(index => registry.PublishUntilCutAsync($"p{round}-{index}", source, progress));
            return [.. (await Task.WhenAll(publishers)).SelectMany(made => made)];
        }, _ => rounds.SomeStepsAsync(progress, 40));
    }
}
