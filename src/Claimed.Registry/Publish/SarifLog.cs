using System.Text.Json.Serialization;
using Claimed.Components;
using Claimed.Registry.Http;

namespace Claimed.Registry.Publish;

/// <summary>Findings in the Static Analysis Results Interchange Format 2.1.0 (OASIS), which editors and code hosts show beside the source.</summary>
internal sealed record SarifLog(IReadOnlyList<SarifLog.Run> Runs)
{
    public const string ContentType = "application/sarif+json";

    [JsonPropertyName("$schema"), JsonPropertyOrder(-1)]
    public string Schema => "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    public string Version => "2.1.0";

    public sealed record Run(Tool Tool, IReadOnlyList<Result> Results, RunProperties Properties)
    {
        public string ColumnKind => "utf16CodeUnits";
    }

    public sealed record Tool(Driver Driver);

    public sealed record Driver(string Name, string Version, string InformationUri, IReadOnlyList<Rule> Rules);

    public sealed record Rule(string Id, Text ShortDescription, Text? Help, string HelpUri, Configuration DefaultConfiguration);

    public sealed record Configuration(string Level);

    public sealed record Text([property: JsonPropertyName("text")] string Value);

    public sealed record Result(
        string RuleId, int RuleIndex, string Level, Text Message, IReadOnlyList<Location> Locations, ResultProperties Properties);

    public sealed record Location(PhysicalLocation PhysicalLocation, IReadOnlyList<LogicalLocation>? LogicalLocations);

    public sealed record PhysicalLocation(ArtifactLocation ArtifactLocation, Region? Region);

    public sealed record ArtifactLocation(string Uri);

    public sealed record Region(int StartLine, int? StartColumn);

    /// <summary>A cell of a notebook; its place is that in the JSON of the file.</summary>
    public sealed record LogicalLocation(string Name, string FullyQualifiedName, string Kind);

    /// <param name="Cell">In a notebook, the cell from 1.</param>
    /// <param name="CellLine">In a notebook, the line in the cell from 1.</param>
    public sealed record ResultProperties(string? Client, int? Cell, int? CellLine, string Fix);

    /// <param name="Valid">Whether a publish would be accepted.</param>
    public sealed record RunProperties(string? Component, bool Valid);

    public static SarifLog Of(string? component, bool valid, IReadOnlyList<Finding> findings, RegistryUrls urls)
    {
        var codes = findings.Select(finding => finding.Code).Distinct(StringComparer.Ordinal).ToList();
        var driver = new Driver("Claimed.Registry", typeof(SarifLog).Assembly.GetName().Version!.ToString(3), urls.Base,
            codes.ConvertAll(code => RuleOf(code, findings.First(finding => finding.Code == code), urls)));
        return new SarifLog([new Run(new Tool(driver), [.. findings.Select(finding => ResultOf(finding, codes.IndexOf(finding.Code)))], new RunProperties(component, valid))]);
    }

    private static Rule RuleOf(string code, Finding first, RegistryUrls urls)
    {
        var known = FindingGuide.Find(code);
        return new Rule(code, new Text(known?.Cause ?? first.Message), known is null ? null : new Text(known.Fix), $"{urls.Base}{FindingGuide.Page}#{code}", new Configuration(Level(first.Severity)));
    }

    private static Result ResultOf(Finding finding, int rule)
    {
        var at = finding.Position;
        return new Result(finding.Code, rule, Level(finding.Severity), new Text($"{finding.Message} {finding.Fix}"), LocationOf(at) is { } location ? [location] : [],
            new ResultProperties(finding.Client, at.Cell == 0 ? null : at.Cell, at.CellLine == 0 ? null : at.CellLine, finding.Fix));
    }

    private static Location? LocationOf(SourcePosition at) => string.IsNullOrEmpty(at.File) ? null : new Location(
        new PhysicalLocation(new ArtifactLocation(string.Join('/', at.File.Split('/').Select(Uri.EscapeDataString))),
            at.Line == 0 ? null : new Region(at.Line, at.Column == 0 ? null : at.Column)),
        at.Cell == 0 ? null : [new LogicalLocation($"cell {at.Cell}", $"/cells/{at.Cell - 1}", "object")]);

    private static string Level(Severity severity) => severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "note",
    };
}
