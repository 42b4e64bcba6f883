using System.Globalization;
using System.Text.RegularExpressions;
using Claimed.Registry.Builds;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Publish;

/// <summary>Which components of a library are built at once, and what building the others is expected to take.</summary>
public sealed partial class LibraryBuilds
{
    /// <summary>File of a library that names its starter set, one <c>category/name</c> a line; without it every component is in the set.</summary>
    public const string StarterFile = "starter.txt";

    /// <summary>File of a library with what heavy components take, one <c>category/name SIZE TIME</c> a line, such as <c>metric/aif360 2.1Gi 6m</c>.</summary>
    public const string HeavyFile = "heavy.txt";

    private static readonly Deferral NoEstimate = new((BuildEstimate?)null);

    private readonly HashSet<string>? _starters;
    private readonly Dictionary<string, Deferral> _heavy = new(StringComparer.Ordinal);
    private readonly List<(string Place, string Why)> _problems = [];

    private LibraryBuilds(HashSet<string>? starters) => _starters = starters;

    /// <summary>Lines that say nothing that can be used, as <c>heavy.txt:3</c>, and why.</summary>
    public IReadOnlyList<(string Place, string Why)> Problems => _problems;

    /// <param name="which"><c>starter</c> or <c>all</c>.</param>
    public static async Task<LibraryBuilds> ReadAsync(string root, string which, CancellationToken cancellation)
    {
        var file = Path.Combine(root, StarterFile);
        var builds = new LibraryBuilds(which == "starter" && File.Exists(file) ? [.. (await LinesAsync(file, cancellation)).Select(line => line.Text)] : null);
        await builds.ReadHeavyAsync(root, cancellation);
        return builds;
    }

    /// <summary>How the build of a component waits until somebody asks for it; null for one that is built at once.</summary>
    /// <param name="component"><c>category/name</c>.</param>
    public Deferral? Of(string component) => _starters?.Contains(component) != false ? null : _heavy.GetValueOrDefault(component, NoEstimate);

    private async Task ReadHeavyAsync(string root, CancellationToken cancellation)
    {
        var file = Path.Combine(root, HeavyFile);
        if (!File.Exists(file))
            return;
        try
        {
            foreach (var (number, text) in await LinesAsync(file, cancellation))
            {
                if (Add(root, text) is { } why)
                    _problems.Add(($"{HeavyFile}:{number}", why));
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _problems.Add((HeavyFile, $"The file cannot be read: {fault.Message}"));
        }
    }

    /// <summary>Why the line cannot be used; null for one that can.</summary>
    private string? Add(string root, string text)
    {
        var line = HeavyLine.Match(text);
        var (bytes, time) = line.Success ? (BytesOf(line), Durations.Read(line.Groups["time"].Value) ?? TimeSpan.Zero) : (0, TimeSpan.Zero);
        if (bytes == 0 || time == TimeSpan.Zero)
            return $"\"{ShownText.Of(text, 80)}\" is not category/name, a size in Mi or Gi, and a time in m or h with blanks between, such as metric/aif360 2.1Gi 6m.";
        var name = line.Groups["component"].Value;
        if (!Directory.Exists(Path.Combine(root, name)))
            return $"There is no component {name} in this folder.";
        return _heavy.TryAdd(name, new Deferral(new BuildEstimate(bytes, (long)time.TotalSeconds))) ? null : $"{name} has a line already; the first one counts.";
    }

    private static long BytesOf(Match line) =>
        (long)(double.Parse(line.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * (1L << (line.Groups["unit"].Value == "Gi" ? 30 : 20)));

    /// <summary>The lines that say something, by their number: blank ones and what follows a # are left out.</summary>
    private static async Task<List<(int Number, string Text)>> LinesAsync(string file, CancellationToken cancellation) =>
        [.. (await File.ReadAllLinesAsync(file, cancellation)).Select((line, index) => (index + 1, line.Split('#')[0].Trim())).Where(line => line.Item2.Length > 0)];

    [GeneratedRegex(@"\A(?<component>[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*)[ \t]+(?<number>[0-9]{1,6}(\.[0-9]{1,3})?)(?<unit>[MG]i)[ \t]+(?<time>[0-9]{1,6}[mh])\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex HeavyLine { get; }
}
