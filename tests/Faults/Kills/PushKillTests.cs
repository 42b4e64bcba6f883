using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>Eight clients write images when the program dies: no image half there, nothing acknowledged gone, nothing deleted back.</summary>
public sealed class PushKillTests(FaultsSetup setup)
{
    private const int Writers = 8;

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public async Task Images_survive_every_kill_as_the_last_acknowledgement_left_them(string database)
    {
        var store = await setup.StoreAsync(database);
        await using var registry = new RegistryProcess(store.Settings());
        await store.PrepareAsync();
        await registry.StartAsync();
        var (all, latest) = (new ImagePromises(), new ImagePromises());
        // What an earlier round left is looked at once more at the end.
        var rounds = new KillRounds("image push", store, Figures.Kills(5)) { AlsoCheck = _ => latest.CheckAsync(registry), AlsoKept = () => all.Count };
        var progress = new Progress();
        await rounds.RunAsync(registry, async round =>
        {
            // Two share a repository: rows of one wait for the other.
            var writers = Enumerable.Range(0, Writers).Select(index => new ImageWriter(registry, $"own/r{round}-{index / 2}", $"w{index}", progress)).ToList();
            await Task.WhenAll(writers.Select(writer => writer.WriteUntilCutAsync()));
            latest = new ImagePromises();
            foreach (var writer in writers)
                latest.Add(writer.Promises);
            all.Add(latest);
            return [];
        }, _ => rounds.SomeStepsAsync(progress, 200));
        Assert.Empty(await all.CheckAsync(registry));
        Assert.NotEqual(0, all.Count);
    }
}
