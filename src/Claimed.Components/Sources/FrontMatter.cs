using System.Text.RegularExpressions;

namespace Claimed.Components.Sources;

/// <summary>The lines that publishers write for the registry: <c># claimed: category=Metric</c>, <c># claimed: output model: Model from output_model</c>.</summary>
internal sealed partial class FrontMatter(List<Finding> findings)
{
    private const string Marker = "claimed:";
    private const string LicenseMarker = "SPDX-License-Identifier:";
    private const int MaxLength = 500;

    public SourceFacts Facts { get; } = new(findings);

    public List<DeclaredPort> Ports { get; } = [];

    public static bool IsOne(string comment) =>
        comment.StartsWith(Marker, StringComparison.OrdinalIgnoreCase) || comment.StartsWith(LicenseMarker, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a comment without its <c>#</c>; false when it is an ordinary one.</summary>
    public bool Read(string comment, SourcePosition at)
    {
        if (!IsOne(comment))
            return false;
        if (!comment.StartsWith(Marker, StringComparison.OrdinalIgnoreCase))
            return Facts.Set("license", comment[LicenseMarker.Length..].Trim(), at);
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
        text = ResourcesWord.Replace(text, "");
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
                Facts.Set(keys[i].Groups["key"].Value.ToLowerInvariant(), value, at);
        }
    }

    private void Unknown(SourcePosition at) => findings.Add(Finding.Warning("front-matter-unknown", at,
        "This `claimed:` line is not understood.",
        "Write `category=…`, `group=…`, `name=…`, `displayName=…`, `tags=a,b`, `imports=a,b`, `license=…`, `base=…`, `cpu=500m memory=2Gi gpu=1 storage=10Gi`, or `input data: Dataset` or `output model: Model from output_model`."));

    [GeneratedRegex(
        @"^(?<role>input|output)\s+(?<name>[A-Za-z_][A-Za-z0-9_]*)\s*:\s*(?<type>[A-Za-z][A-Za-z0-9]*)(\s+from\s+(?<variable>[A-Za-z_][A-Za-z0-9_]*))?\s*((-|--|–|—|#|:)\s*(?<description>.*))?$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex PortLine { get; }

    [GeneratedRegex(@"(?<=^|[\s,;])(resources\.)?(?<key>category|group|name|displayname|tags|imports|licen[sc]e|base|cpu|memory|gpu|storage)\s*[=:]", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Key { get; }

    [GeneratedRegex(@"^resources\s*[=:]?\s+", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ResourcesWord { get; }
}
