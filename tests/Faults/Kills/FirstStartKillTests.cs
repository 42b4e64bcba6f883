using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>The first start makes folders, keys, the administrator's token and the schema; a kill may come between any two of them.</summary>
public sealed class FirstStartKillTests
{
    private static readonly string[] _signs = ["lock", "registry.db", "registry.db-wal", "admin-token", "uploads"];

    [Fact]
    public async Task A_first_start_killed_at_any_moment_is_finished_by_the_next()
    {
        var usual = await UsualStartAsync();
        var rounds = new KillRounds("first start", Store.Sqlite, Figures.Kills(10)) { AlsoCheck = TokenWorksAsync };
        await rounds.RunStartsAsync(() => new RegistryProcess(Generated), async (registry, round) =>
        {
            // Half of the moments are spread over the whole start, the others are those at which something new appears.
            if (round % 2 == 0)
                await rounds.SomeTimeAsync(usual * 1.1);
            else
                await UntilThereAsync(registry, _signs[round / 2 % _signs.Length]);
        });
    }

    [Fact]
    public async Task A_migration_killed_at_any_moment_is_finished_by_the_next_start()
    {
        var rounds = new KillRounds("migration", Store.Sqlite, Figures.Kills(5)) { AlsoCheck = TokenWorksAsync };
        await rounds.RunStartsAsync(() => new RegistryProcess(Generated), async (registry, _) =>
        {
            await UntilThereAsync(registry, "registry.db");
            await rounds.SomeTimeAsync(TimeSpan.FromMilliseconds(400));
        });
    }

    /// <summary>The token is generated, as on every start without settings.</summary>
    private static Dictionary<string, string> Generated { get; } = new() { ["Registry:AdminToken"] = "" };

    private static async Task<TimeSpan> UsualStartAsync()
    {
        await using var registry = new RegistryProcess(Generated);
        return await registry.StartAsync();
    }

    private static async Task UntilThereAsync(RegistryProcess registry, string name)
    {
        var path = Path.Combine(registry.DataPath, name);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (registry.IsRunning && !File.Exists(path) && !Directory.Exists(path))
            await timer.WaitForNextTickAsync();
    }

    private static Task<IReadOnlyList<string>> TokenWorksAsync(RegistryProcess registry)
    {
        var file = Path.Combine(registry.DataPath, "admin-token");
        if (!File.Exists(file))
            return Wrong("there is no admin-token");
        if (File.GetUnixFileMode(file) != (UnixFileMode.UserRead | UnixFileMode.UserWrite))
            return Wrong($"admin-token has the mode {File.GetUnixFileMode(file)}");
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (Directory.EnumerateFiles(registry.DataPath, "*", SearchOption.AllDirectories).FirstOrDefault(path => (File.GetUnixFileMode(path) & others) != 0) is { } open)
            return Wrong($"others may read {open}");
        return Wrong();
    }

    private static Task<IReadOnlyList<string>> Wrong(params IReadOnlyList<string> what) => Task.FromResult(what);
}
