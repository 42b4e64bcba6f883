using System.Reflection;
using System.Text.RegularExpressions;
using Claimed.Components.Wheels;

namespace Claimed.Registry.Wheels;

/// <summary>Elyra's connector for this registry as a wheel, made from the files that this program carries.</summary>
public sealed partial class ConnectorWheel
{
    private const string Root = "elyra-connector/";
    private const string Package = "claimed_elyra_connector";

    private readonly Lazy<Made> _made = new(Make);

    private sealed record Made(WheelInfo Info, byte[] Bytes, string Digest);

    public WheelInfo Info => _made.Value.Info;

    public byte[] Bytes => _made.Value.Bytes;

    /// <summary><c>sha256:…</c>.</summary>
    public string Digest => _made.Value.Digest;

    private static Made Make()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = assembly.GetManifestResourceNames().Where(name => name.StartsWith(Root, StringComparison.Ordinal))
            .Select(name => new ArchiveFile(name[Root.Length..].Replace('\\', '/'), Read(assembly, name))).ToList();
        var project = Project(TextOf("pyproject.toml"));
        var version = Version.Match(TextOf($"{Package}/__init__.py"));
        if (!version.Success)
            throw new InvalidDataException($"{Package}/__init__.py does not say its __version__.");
        var info = new WheelInfo(project["project"]["name"][0], version.Groups[1].Value)
        {
            Summary = project["project"]["description"][0],
            RequiresPython = project["project"]["requires-python"][0],
            License = "Apache-2.0",
            Requires = project["project"].GetValueOrDefault("dependencies") ?? [],
            Description = files.Exists(file => file.Path == "README.md") ? TextOf("README.md") : "",
            EntryPoints = [.. project.Where(table => table.Key.StartsWith("project.entry-points.", StringComparison.Ordinal))
                .Select(table => (table.Key["project.entry-points.".Length..].Trim('"'), (IReadOnlyList<string>)[.. table.Value.Select(entry => $"{entry.Key} = {entry.Value[0]}")]))],
        };
        var bytes = Wheel.Write(info, files.Where(file => file.Path.StartsWith(Package + "/", StringComparison.Ordinal)));
        return new Made(info, bytes, Storage.Digest.Of(bytes));

        string TextOf(string path) => System.Text.Encoding.UTF8.GetString((files.Find(file => file.Path == path) ?? throw new InvalidDataException($"The connector has no {path}.")).Content.Span);
    }

    private static byte[] Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>The texts and lists of texts of our own pyproject.toml by table and key; values of other kinds are left out.</summary>
    private static Dictionary<string, Dictionary<string, IReadOnlyList<string>>> Project(string toml)
    {
        var tables = new Dictionary<string, Dictionary<string, IReadOnlyList<string>>>(StringComparer.Ordinal);
        var table = tables[""] = [];
        foreach (var line in toml.Split('\n').Select(line => line.Trim()))
        {
            if (line is ['[', .. var name, ']'])
                table = tables[name] = [];
            else if (Entry.Match(line) is { Success: true } entry && entry.Groups["value"].Value is ['"', ..] or ['[', ..])
                table[entry.Groups["key"].Value] = [.. Quoted.Matches(entry.Groups["value"].Value).Select(text => text.Groups[1].Value)];
        }
        return tables;
    }

    [GeneratedRegex("""^(?<key>[A-Za-z0-9_.-]+)\s*=\s*(?<value>.+)$""", RegexOptions.ExplicitCapture)]
    private static partial Regex Entry { get; }

    [GeneratedRegex("\"([^\"\\\\]*)\"")]
    private static partial Regex Quoted { get; }

    [GeneratedRegex("""^__version__\s*=\s*["']([0-9][0-9A-Za-z.]*)["']""", RegexOptions.Multiline)]
    private static partial Regex Version { get; }
}
