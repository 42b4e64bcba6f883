using System.Text.RegularExpressions;

namespace Claimed.Components.Sources;

/// <summary>The lines that publishers write for the registry: <c># claimed: category=Metric</c>, <c># claimed: output model: Model from output_model</c>.</summary>
internal sealed partial class FrontMatter(List<Finding> findings)
{
    private const string Marker = "claimed:";
    private const int MaxLength = 500;

    private readonly TagList tags = new(findings);

    public string? Category { get; private set; }

    public string? Group { get; private set; }

    public string? Name { get; private set; }

    public IReadOnlyList<string> Tags => tags.Tags;

    public List<DeclaredPort> Ports { get; } = [];

    public static bool IsOne(string comment) => comment.StartsWith(Marker, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a comment without its <c>#</c>; false when it is an ordinary one.</summary>
    public bool Read(string comment, SourcePosition at)
    {
        if (!IsOne(comment))
            return false;
        var text = comment[Marker.Length..].Trim();
        if (text.Length > MaxLength)
            Unknown(at);
        else if (PortLine.Match(text) is { Success: true } port)
            AddPort(port, at);
        else
            ReadKeys(text, at);
        return true;
    }

    private void AddPort(Match match, SourcePosition at)
    {
        var isInput = match.Groups["role"].Value.Equals("input", StringComparison.OrdinalIgnoreCase);
        var variable = match.Groups["variable"];
        var description = match.Groups["description"].Value.Trim();
        Ports.Add(new DeclaredPort(isInput, match.Groups["name"].Value, KnownTypes.Normalised(match.Groups["type"].Value),
            variable.Success ? variable.Value : null, description.Length == 0 ? null : description, at));
    }

    private void ReadKeys(string text, SourcePosition at)
    {
        var keys = Key.Matches(text);
        if (keys.Count == 0 || keys[0].Index != 0)
        {
            Unknown(at);
            return;
        }

        for (var i = 0; i < keys.Count; i++)
        {
            var start = keys[i].Index + keys[i].Length;
            var end = i + 1 < keys.Count ? keys[i + 1].Index : text.Length;
            var value = text[start..end].Trim().Trim(',', ';', '"', '\'').Trim();
            if (value.Length > 0)
                Set(keys[i].Groups["key"].Value.ToLowerInvariant(), value, at);
        }
    }

    private void Set(string key, string value, SourcePosition at)
    {
        switch (key)
        {
            case "category":
                Category ??= value;
                break;
            case "group":
                Group ??= value;
                break;
            case "name":
                Name ??= value;
                break;
            default:
                tags.Add(value.Split(','), at);
                break;
        }
    }

    private void Unknown(SourcePosition at) => findings.Add(Finding.Warning("front-matter-unknown", at,
        "This `claimed:` line is not understood.",
        "Write `category=…`, `group=…`, `name=…`, `tags=a,b`, or `input data: Dataset` or `output model: Model from output_model`."));

    [GeneratedRegex(
        @"^(?<role>input|output)\s+(?<name>[A-Za-z_][A-Za-z0-9_]*)\s*:\s*(?<type>[A-Za-z][A-Za-z0-9]*)(\s+from\s+(?<variable>[A-Za-z_][A-Za-z0-9_]*))?\s*((-|--|–|—|#|:)\s*(?<description>.*))?$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex PortLine { get; }

    [GeneratedRegex(@"(?<=^|[\s,;])(?<key>category|group|name|tags)\s*[=:]", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Key { get; }
}
