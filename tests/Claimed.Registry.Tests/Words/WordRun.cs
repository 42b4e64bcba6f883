using Claimed.Registry.Storage;
using Claimed.TestKit;

namespace Claimed.Registry.Tests.Words;

/// <summary>Runs a word as a second process on the data folder of a registry, as an operator would.</summary>
internal static class WordRun
{
    /// <summary>Settings of a registry that reads every form from the disk.</summary>
    public static IReadOnlyDictionary<string, string> NothingInMemory { get; } = new Dictionary<string, string> { ["ReadCache:MaxBytes"] = "0" };

    public static async Task<ShellResult> RunAsync(string dataPath, params IReadOnlyList<string> words)
    {
        var settings = new Dictionary<string, string>(await TestDatabase.SettingsAsync(dataPath))
        {
            ["Registry:DataPath"] = dataPath,
            ["Registry:AdminToken"] = RegistryHost.AdminToken,
        };
        return await Shell.RunAsync("dotnet",
            [RegistryProcess.ProgramPath, .. words, .. settings.Select(pair => $"--{pair.Key}={pair.Value}")], RegistryProcess.ShortRun);
    }

    /// <summary>How many of a kind a collection removed.</summary>
    public static int Count(this IReadOnlyList<Collected> collected, string kind) =>
        collected.Single(entry => entry.Kind.Contains(kind, StringComparison.Ordinal)).Count;

    /// <summary>The number that a table of <c>gc</c> has before these words.</summary>
    public static int Count(this ShellResult result, string kind) => int.Parse(
        result.Succeeded().Split('\n').Single(line => line.Contains(kind, StringComparison.Ordinal)).TrimStart().Split(' ')[0]);
}
