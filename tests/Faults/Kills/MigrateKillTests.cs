using System.Diagnostics;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>On PostgreSQL the word <c>migrate</c> makes the schema; killed in the middle, it is run again.</summary>
public sealed class MigrateKillTests(FaultsSetup setup)
{
    [Fact]
    public async Task A_migration_of_PostgreSQL_killed_at_any_moment_is_finished_by_the_next()
    {
        var usual = await UsualMigrationAsync();
        for (var round = 0; round < Figures.Kills(5); round++)
        {
            var store = await setup.StoreAsync("PostgreSQL", empty: true);
            await using var migration = new RegistryProcess(store.Settings(), null, null, "migrate");
            var rounds = new KillRounds("migration", store, 1);
            migration.Launch();
            // The first half starts the runtime; the schema is made at the end.
            await Task.Delay(usual * 0.4);
            await rounds.SomeTimeAsync(usual * 0.6);
            if (migration.IsRunning)
                migration.Kill();
            (await migration.RunWordAsync("migrate")).Succeeded();
            await store.PrepareAsync();
            await using var registry = new RegistryProcess(store.Settings(), migration.DataPath);
            var recovery = await registry.StartAsync();
            var invariants = new Invariants(registry, store);
            await invariants.CheckAsync([await registry.Admin.PublishAsync(new Attempt("first", "1.0.0", "first", Source.ExistingImage))]);
            Figures.Add("migration", store, invariants, recovery);
            Assert.True(invariants.Hold, $"{invariants}\n{migration.Output}\n{registry.Output}");
        }
    }

    private async Task<TimeSpan> UsualMigrationAsync()
    {
        var store = await setup.StoreAsync("PostgreSQL", empty: true);
        await using var migration = new RegistryProcess(store.Settings());
        var began = Stopwatch.GetTimestamp();
        (await migration.RunWordAsync("migrate")).Succeeded();
        return Stopwatch.GetElapsedTime(began);
    }
}
