using System.Globalization;
using System.Text.RegularExpressions;
using Claimed.TestKit;

namespace Claimed.Benchmarks;

/// <summary>One measured thing.</summary>
/// <param name="Target">What the product promises; empty when the number only informs.</param>
/// <param name="IsMet">Null without a target.</param>
internal sealed record Finding(string Section, string What, string Value, string Target, bool? IsMet);

/// <summary>Gathers what the sections found.</summary>
internal sealed partial class Report
{
    private const string Head = "| section | what | measured | target | verdict |\n|---|---|---|---|---|\n";

    private static readonly string[] Order = ["access", "reads", "publish", "snapshot", "search", "catalogs", "sources", "oci", "builds", "load"];

    private readonly List<Finding> _findings = [];

    public bool IsMet => _findings.All(finding => finding.IsMet != false);

    /// <summary>A value that must be at least or at most so much.</summary>
    public void Add(string section, string what, double value, string unit, double? atLeast = null, double? atMost = null)
    {
        var target = atLeast is { } least ? $"≥ {Number(least)}{unit}" : atMost is { } most ? $"≤ {Number(most)}{unit}" : "";
        bool? met = atLeast is null && atMost is null ? null : !(value < atLeast) && !(value > atMost);
        _findings.Add(new Finding(section, what, $"{Number(value)}{unit}", target, met));
        Console.WriteLine($"  {what}: {Number(value)}{unit} {(target.Length > 0 ? $"({target}: {(met == true ? "met" : "MISSED")})" : "")}");
    }

    public string Table() => Head + string.Concat(_findings.Select(Row));

    /// <summary>The table as a page of the documentation. Sections that were not run keep the rows, and the time of them, that the page had.</summary>
    public async Task<string> DocumentAsync(string before)
    {
        var commit = (await Shell.RunAsync("git", ["-C", RepositoryFolder.Path, "rev-parse", "--short", "HEAD"])).Succeeded();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        var times = Times.Matches(before).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        foreach (var section in _findings.Select(finding => finding.Section).Distinct())
            times[section] = $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd} at {commit}";
        var rows = Rows.Matches(before).Where(row => !_findings.Exists(finding => finding.Section == row.Groups[1].Value)).Select(row => (Section: row.Groups[1].Value, Text: row.Value + "\n"))
            .Concat(_findings.Select(finding => (finding.Section, Text: Row(finding)))).OrderBy(row => Array.IndexOf(Order, row.Section));
        return $"""
            # Performance

            Written by `dotnet run -c Release --project tests/Benchmarks -- --write docs/performance.md`, or with the names of sections, whose rows alone are then new. Ratios
            compare two programs on the same machine in the same run, in turns, and are medians; a ratio of 1 means equally fast. A machine that does other things at
            the same time makes single figures worse.

            {Environment.ProcessorCount} cores, {memory:0} GB of memory; load generator, servers and databases share them. Measured:
            {string.Join(", ", times.OrderBy(time => Array.IndexOf(Order, time.Key)).Select(time => $"`{time.Key}` {time.Value}"))}.

            {Head}{string.Concat(rows.Select(row => row.Text))}
            ## What is measured

            - **sources**: in this process, compiled as the program is after a while: one notebook read, and every form rendered of it. Memory is everything that
              the reading of a large one allocates, garbage counted; the bytes that came are not.
            - **reads**: `wrk` against the published program, against nginx with the same bytes as files (two workers, `sendfile`, `open_file_cache`, no access log), and
              against a bare Kestrel endpoint that knows the bytes and their tag and nothing else.
            - **publish**: a small `component.yaml` whose image exists, through HTTP, against a program that runs the very statements that such publishes were seen to
              run, with their parameters, and writes and flushes the very files and folders, by Microsoft.Data.Sqlite or Npgsql alone, with the same connection
              settings and as much at once. Both have run for a while before: the first hundreds of publishes of a process are slower, because the runtime still compiles.
            - **snapshot**: a catalog of components with five versions each, put straight into the tables. Memory per version is the heap's growth from an empty catalog;
              that per component, whose five versions are all listed by some client, is taken after every list has been read, in each encoding, and again when it falls
              no more: texts without compression are kept for readers who come again within a minute, at most 96 MB of all, and buffers as long as the runtime wants.
            - **search**: a catalog of 10,000 components with five versions each, put straight into the tables, and then indexed; one reader after another, each answer made
              anew. Of ten questions four are two words of a title, two one word, three the first letters of one (three or two), and one a name; then a word that every component has, and facets of all.
            - **catalogs**: the whole Elyra catalog of those 10,000 components, by `wrk` over four connections; then publishes at one of two nodes that share PostgreSQL, from the
              answer to the publisher until the request at the other node that shows what was published. The component is of a namespace with few others.
            - **oci**: the image store against Debian's docker-registry, open to everyone and with its memory cache, on the same disk; both flush what they acknowledge.
              Reads by `wrk`, writes by plain sockets. A blob is sent as clients do: POST, then PUT; a layer as docker does: POST, PATCH, PUT. Memory is the highest
              that the kernel saw (`VmHWM`). Pushes of manifests are counted after 2,400 of them, as `publish` is. With PostgreSQL the server's processes share the
              two cores, and docker-registry has no database to ask. s3rver copies no parts, so there every upload is read and sent a second time.
            - **builds**: builder processes on one engine, PostgreSQL and RabbitMQ, each with one build at a time, whose step sleeps; from the first publish to the last
              ready version, after one build of each to warm it. The turns of namespaces and the length of the queue are measured in this process, against the database,
              without an engine.
            - **load**: reads, listings, ranges, conditional reads and publishes for a while; resident memory in the last quarter against the second.

            """;
    }

    private static string Row(Finding finding) => string.Create(CultureInfo.InvariantCulture,
        $"| {finding.Section} | {finding.What} | {finding.Value} | {finding.Target} | {(finding.IsMet switch { true => "met", false => "**missed**", null => "" })} |\n");

    private static string Number(double value) => value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"`([a-z]+)` (\d{4}-\d\d-\d\d at [0-9a-f]+)")]
    private static partial Regex Times { get; }

    [GeneratedRegex(@"^\| (?!section)([a-z]+) \| .*\|$", RegexOptions.Multiline)]
    private static partial Regex Rows { get; }
}

/// <summary>Numbers of several rounds as one.</summary>
internal static class Rounds
{
    public static double Median(this IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
