using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Claimed.Components;
using Claimed.Registry.Http;

namespace Claimed.Registry.Publish.Libraries;

/// <summary>What became of a library: lines for a terminal, JSON for programs, Markdown for people.</summary>
internal sealed class LibraryReport(string space, bool isDryRun)
{
    private const int MostShown = 2000;

    private static readonly JsonSerializerOptions Indented = new(Json.Options) { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<Seeded> _all = [];

    public int Refused => _all.Count(one => one.Refusal is not null);

    /// <summary>Keeps it, and gives its line; of a dry run the findings too.</summary>
    public string Add(Seeded one)
    {
        _all.Add(one);
        var line = one.Refusal is null ? $"{space}/{one.Name} {one.Version} {State(one)}" : $"{space}/{one.Name} refused: {Shown(one.Refusal)} {Shown(one.Fault?.GetBaseException().Message ?? "")}".TrimEnd();
        var said = isDryRun ? one.Findings : one.Findings.Where(finding => finding.Code == LibraryNames.Shared);
        return string.Join(Environment.NewLine, said.Select(finding => $"  {Weight(finding)} {Shown($"{Place(finding)}: {finding.Message} {finding.Fix}")} [{finding.Code}]").Prepend(line));
    }

    public string Totals
    {
        get
        {
            var (added, known) = (_all.Count(one => one.IsNew), _all.Count(one => one.Refusal is null && !one.IsNew));
            return string.Create(CultureInfo.InvariantCulture, $"{_all.Count} components: {added} {(isDryRun ? "would be published" : "published")}, {known} known already, {Refused} refused.");
        }
    }

    /// <param name="path">Ends in <c>.json</c> for JSON; everything else is Markdown.</param>
    public string Text(string path) => Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? ToJson() : ToMarkdown();

    private string ToJson() => JsonSerializer.Serialize(new
    {
        Namespace = space,
        DryRun = isDryRun,
        Components = _all.Select(one => new
        {
            one.Path,
            Namespace = space,
            one.Name,
            Version = one.Version?.ToString(),
            one.IsNew,
            State = State(one),
            Refused = one.Refusal,
            Findings = one.Findings.Select(FindingDocument.From),
        }),
        Totals = new
        {
            Components = _all.Count,
            New = _all.Count(one => one.IsNew),
            Known = _all.Count(one => one.Refusal is null && !one.IsNew),
            Refused,
            Findings = Codes().ToDictionary(code => code.Code, code => code.Count),
        },
    }, Indented) + "\n";

    private string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {(isDryRun ? "What would be published" : "Published")} into {space}\n\n{Totals}\n\n");
        text.Append("| source | component | version | state | errors | warnings | suggestions |\n|---|---|---|---|---|---|---|\n");
        foreach (var one in _all)
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(one.Path)} | {space}/{one.Name} | {one.Version} | {Cell(State(one))} | {Count(one, Severity.Error)} | {Count(one, Severity.Warning)} | {Count(one, Severity.Suggestion)} |\n");
        text.Append("\n## Findings\n\n| code | severity | count | components |\n|---|---|---|---|\n");
        foreach (var (code, severity, count, components) in Codes())
            text.Append(CultureInfo.InvariantCulture, $"| {code} | {severity} | {count} | {components} |\n");
        foreach (var one in _all.Where(one => one.Refusal is not null || one.Findings.Count > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {space}/{one.Name}\n\n");
            if (one.Refusal is not null)
                text.Append(CultureInfo.InvariantCulture, $"Refused: {Cell(one.Refusal)}\n\n");
            foreach (var finding in one.Findings)
                text.Append(CultureInfo.InvariantCulture, $"* {Weight(finding)} {finding.Code}, {Cell(Place(finding))}: {Cell(finding.Message)} {Cell(finding.Fix)}\n");
        }
        return text.ToString();
    }

    private IEnumerable<(string Code, string Severity, int Count, int Components)> Codes() => _all
        .SelectMany(one => one.Findings.Select(finding => (finding.Code, finding.Severity, one.Path)))
        .GroupBy(found => found.Code, StringComparer.Ordinal).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => (group.Key, string.Join(", ", group.Select(found => found.Severity).Distinct().OrderDescending()).ToLowerInvariant(), group.Count(), group.Select(found => found.Path).Distinct(StringComparer.Ordinal).Count()));

    private string State(Seeded one) => one.Refusal is not null ? "refused" : !one.IsNew ? "known already" : isDryRun ? "would be published" : "published";

    private static int Count(Seeded one, Severity severity) => one.Findings.Count(finding => finding.Severity == severity);

    private static string Weight(Finding finding) => finding.Severity.ToString().ToLowerInvariant();

    private static string Place(Finding finding)
    {
        var at = finding.Position;
        return at switch
        {
            { File: null or "" } => "upload",
            { Cell: > 0 } => $"{at.File}:{at.Line} (cell {at.Cell}, line {at.CellLine})",
            { Line: > 0 } => $"{at.File}:{at.Line}",
            _ => at.File,
        };
    }

    private static string Shown(string text) => ShownText.Of(text, MostShown);

    private static string Cell(string text) => Shown(text.ReplaceLineEndings(" ")).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace("|", "\\|", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal);
}
