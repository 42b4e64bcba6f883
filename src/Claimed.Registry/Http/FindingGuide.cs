using System.Text.RegularExpressions;

namespace Claimed.Registry.Http;

/// <summary>What docs/findings.md says of one code.</summary>
/// <param name="Cause">What is wrong, in Markdown.</param>
/// <param name="Client">The client it breaks; <c>all</c> or <c>none</c>.</param>
/// <param name="Fix">What to write instead, in Markdown.</param>
public sealed record FindingExplanation(string Code, string Severity, string Cause, string Client, string Fix)
{
    /// <summary>Where the page of this registry explains it.</summary>
    public string Path => $"{FindingGuide.Page}#{Code}";
}

/// <summary>The explanations of docs/findings.md, which is part of the program.</summary>
public static partial class FindingGuide
{
    public const string Page = "/findings";

    // Of a table with a column more, "served" stands before the fix.
    private const int Fewest = 5;

    private static readonly Lazy<IReadOnlyDictionary<string, FindingExplanation>> Known = new(() => Read().ToDictionary(each => each.Code, StringComparer.Ordinal));

    /// <summary>In the order of the document.</summary>
    public static IEnumerable<FindingExplanation> All => Known.Value.Values;

    public static FindingExplanation? Find(string code) => Known.Value.GetValueOrDefault(code);

    private static IEnumerable<FindingExplanation> Read()
    {
        using var reader = new StreamReader(typeof(FindingGuide).Assembly.GetManifestResourceStream("findings.md")!);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("| `", StringComparison.Ordinal))
                continue;
            var cells = Bar.Split(line.Trim().Trim('|')).Select(cell => cell.Trim().Replace("\\|", "|", StringComparison.Ordinal)).ToArray();
            if (cells.Length < Fewest)
                continue;
            foreach (Match code in Code.Matches(cells[0]))
                yield return new FindingExplanation(code.Groups["code"].Value, cells[1], cells[2], cells[3], cells[^1]);
        }
    }

    [GeneratedRegex(@"(?<!\\)\|", RegexOptions.CultureInvariant)]
    private static partial Regex Bar { get; }

    [GeneratedRegex("`(?<code>[a-z0-9-]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex Code { get; }
}
