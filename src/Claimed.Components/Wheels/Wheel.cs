using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Claimed.Components.Wheels;

/// <summary>What pip is told of a package, beside its files.</summary>
/// <param name="Project">The name to install by, <c>claimed-demo</c>.</param>
/// <param name="Version">PEP 440, without characters that a file name needs to replace.</param>
public sealed record WheelInfo(string Project, string Version)
{
    public required string Summary { get; init; }

    /// <summary>Versions of Python, such as <c>&gt;=3.8</c>.</summary>
    public required string RequiresPython { get; init; }

    /// <summary>For people, as Markdown.</summary>
    public string Description { get; init; } = "";

    public string? License { get; init; }

    /// <summary>Requirements, those of an extra with their marker.</summary>
    public IReadOnlyList<string> Requires { get; init; } = [];

    public IReadOnlyList<string> Extras { get; init; } = [];

    /// <summary>Entry points by group, each <c>name = module:object</c>.</summary>
    public IReadOnlyList<(string Group, IReadOnlyList<string> Lines)> EntryPoints { get; init; } = [];

    /// <summary>As file names have it: <c>claimed_demo</c>.</summary>
    public string Distribution => Project.Replace('-', '_');

    public string FileName => $"{Distribution}-{Version}-py3-none-any.whl";
}

/// <summary>A wheel (PEP 427) of plain Python, the same bytes for the same files whenever and wherever it is made.</summary>
public static class Wheel
{
    /// <param name="files">By their paths among installed packages.</param>
    public static byte[] Write(WheelInfo info, IEnumerable<ArchiveFile> files)
    {
        var folder = $"{info.Distribution}-{info.Version}.dist-info";
        List<ArchiveFile> all =
        [
            .. files.OrderBy(file => file.Path, StringComparer.Ordinal),
            ArchiveFile.Text($"{folder}/METADATA", Metadata(info)),
            ArchiveFile.Text($"{folder}/WHEEL", "Wheel-Version: 1.0\nGenerator: claimed-registry\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        ];
        if (info.EntryPoints.Count > 0)
            all.Add(ArchiveFile.Text($"{folder}/entry_points.txt", string.Join("\n", info.EntryPoints.Select(entry => $"[{entry.Group}]\n{string.Concat(entry.Lines.Select(line => line + "\n"))}"))));
        all.Add(ArchiveFile.Text($"{folder}/RECORD", string.Concat(all.Select(Recorded)) + $"{folder}/RECORD,,\n"));
        return Archive.Write(all);
    }

    private static string Recorded(ArchiveFile file) =>
        string.Create(CultureInfo.InvariantCulture, $"{Field(file.Path)},sha256={Base64Url.EncodeToString(SHA256.HashData(file.Content.Span))},{file.Content.Length}\n");

    // RECORD is CSV.
    private static string Field(string path) => path.AsSpan().IndexOfAny(',', '"') < 0 ? path : $"\"{path.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Metadata(WheelInfo info)
    {
        var text = new StringBuilder();
        Line("Metadata-Version", "2.1");
        Line("Name", info.Project);
        Line("Version", info.Version);
        Line("Summary", info.Summary);
        if (info.License is not null)
            Line("License", info.License);
        Line("Requires-Python", info.RequiresPython);
        foreach (var extra in info.Extras)
            Line("Provides-Extra", extra);
        foreach (var requirement in info.Requires)
            Line("Requires-Dist", requirement);
        if (info.Description.Length > 0)
            Line("Description-Content-Type", "text/markdown; charset=UTF-8; variant=GFM");
        return text.Append('\n').Append(info.Description).ToString();

        // A line end would begin the next header.
        void Line(string name, string value) => text.Append(name).Append(": ").Append(string.Concat(value.Select(c => char.IsControl(c) ? ' ' : c))).Append('\n');
    }
}
