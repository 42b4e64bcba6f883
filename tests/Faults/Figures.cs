using System.Collections.Concurrent;
using System.Globalization;
using Claimed.TestKit;

namespace Claimed.Faults;

/// <summary>What one scenario saw over all its faults.</summary>
/// <param name="Scenario">What was going on when the fault came.</param>
/// <param name="Faults">Kills, or faults of another kind.</param>
/// <param name="Acknowledged">Answers of 200 or 201 whose content was looked for afterwards.</param>
/// <param name="Lost">Acknowledged things that were not there, or not the same.</param>
/// <param name="Stuck">Versions that did not end within the bound.</param>
/// <param name="Broken">Everything else that <see cref="Invariants"/> found wrong.</param>
/// <param name="LongestRecovery">From the start of the program, or the end of the fault, until it served again.</param>
public sealed record Figure(string Scenario, string Database, int Faults, int Acknowledged, int Lost, int Stuck, int Broken, TimeSpan LongestRecovery);

/// <summary>Collects the figures of all scenarios and writes them as the table of docs/reliability.md.</summary>
public static class Figures
{
    private static readonly ConcurrentBag<Figure> _all = [];

    /// <summary>With <c>LONG=1</c>: as often as the figures of the documentation say.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("LONG") == "1";

    /// <summary>
    /// How often a scenario kills the program on one database: 100 times with <c>LONG=1</c>. Without, each kind of work (publishing, building,
    /// pushing, starting, migrating) is killed at least ten times over its scenarios and databases.
    /// </summary>
    public static int Kills(int inShort) => IsLong ? 100 : inShort;

    /// <summary>How often a server is stopped under a fleet, in each way.</summary>
    public static int Restarts { get; } = IsLong ? 20 : 1;

    public static void Add(Figure figure) => _all.Add(figure);

    /// <summary>One fault of one scenario.</summary>
    public static void Add(string scenario, Store store, Invariants found, TimeSpan recovery) =>
        Add(new Figure(scenario, store.Name, 1, found.Looked, found.Lost.Count, found.Stuck.Count, found.Broken.Count, recovery));

    /// <summary>One row per scenario and database of this run.</summary>
    public static string Table() => Table(Rows(""));

    private static string Table(IEnumerable<Row> rows) => "| scenario | database | faults | acknowledged | lost | stuck | broken | longest recovery | commit |\n|---|---|---|---|---|---|---|---|---|\n"
        + string.Concat(rows.OrderBy(row => row.Scenario, StringComparer.Ordinal).ThenBy(row => row.Database, StringComparer.Ordinal).Select(row => $"| {row.Scenario} | {row.Database} | {row.Rest} |\n"));

    private static IEnumerable<Row> Rows(string commit) => _all.GroupBy(figure => (figure.Scenario, figure.Database)).Select(figures => new Row(figures.Key.Scenario, figures.Key.Database,
        string.Create(CultureInfo.InvariantCulture, $"{figures.Sum(one => one.Faults)} | {figures.Sum(one => one.Acknowledged)} | {figures.Sum(one => one.Lost)} | {figures.Sum(one => one.Stuck)} | ")
        + string.Create(CultureInfo.InvariantCulture, $"{figures.Sum(one => one.Broken)} | {figures.Max(one => one.LongestRecovery).TotalSeconds:0.0} s | {commit}")));

    /// <summary>The rows of an earlier document: a run of some scenarios keeps the figures of the others.</summary>
    private static IEnumerable<Row> RowsOf(string document) => document.Split('\n')
        .Select(line => line.Split('|', 4, StringSplitOptions.TrimEntries)).Where(parts => parts is ["", not "scenario" and not "---", _, _])
        .Select(parts => new Row(parts[1], parts[2], parts[3].TrimEnd('|').TrimEnd()));

    /// <summary>Writes the table where it belongs: after a long run into the documentation, and always beside the tests.</summary>
    public static async Task WriteAsync()
    {
        if (_all.IsEmpty)
            return;
        var commit = (await Shell.RunAsync("git", ["-C", RepositoryFolder.Path, "rev-parse", "--short", "HEAD"])).Succeeded().Trim();
        var kept = RepositoryFolder.Of("docs/reliability.md");
        var document = $"""
            # Reliability

            Measured by `LONG=1 bash tests/run.sh Faults`, each row at its commit: written by the tests, not by hand.
            A kill is `kill -9` of the program at a random moment of the phase, or when the phase shows itself (a file, a request of the engine).
            After each one the program starts again on the same data, and everything is checked: acknowledged versions and images are there, to the
            byte; every accepted version ends as ready or failed with its reason; every ready one has exactly one image in its repository, and what a
            build pushed that was fenced off, made again or failed is not there; every blob that a row names exists and has its digest; images pull
            whole; tags agree with versions and channels; event serials have no gap. Recovery is from the start of the program, or the end of the
            fault, until it is ready. Builds are Docker's where no engine is named. Wherever there are builds, nothing of ours is left at the
            engine in the end: no image, pod, or container that it lists.

            {Table(Rows(commit).UnionBy(IsLong ? RowsOf(await File.ReadAllTextAsync(kept)) : [], row => (row.Scenario, row.Database)))}
            """;
        await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, "reliability.md"), document);
        if (IsLong)
            await File.WriteAllTextAsync(kept, document);
    }

    /// <param name="Rest">The other columns as they are written.</param>
    private sealed record Row(string Scenario, string Database, string Rest);
}
