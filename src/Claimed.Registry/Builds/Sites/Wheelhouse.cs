using System.Text.RegularExpressions;

namespace Claimed.Registry.Builds.Sites;

/// <summary>A folder of packages of Python, as an index would list them.</summary>
internal sealed partial class Wheelhouse(string? folder)
{
    /// <summary>File names of a project's packages.</summary>
    public IReadOnlyList<string> FilesOf(string project) => folder is null || !Directory.Exists(folder) ? []
        : [.. Directory.EnumerateFiles(folder).Select(Path.GetFileName).OfType<string>().Where(file => ProjectOf(file) == project).Order(StringComparer.Ordinal)];

    /// <summary>Path of one of its files; null when it has none of this name.</summary>
    public string? Find(string file) => folder is not null && ProjectOf(file) is not null && Path.GetFileName(file) == file && File.Exists(Path.Combine(folder, file)) ? Path.Combine(folder, file) : null;

    /// <summary>As indexes name a project: lower case, one hyphen between words.</summary>
    public static string Normalized(string name) => Separators.Replace(name, "-").ToLowerInvariant();

    private static string? ProjectOf(string file) =>
        Wheel.Match(file) is { Success: true } wheel ? Normalized(wheel.Groups["name"].Value)
        : Source.Match(file) is { Success: true } source ? Normalized(source.Groups["name"].Value)
        : null;

    [GeneratedRegex(@"\A(?<name>[A-Za-z0-9][A-Za-z0-9._]*)-[^-/]+(-[^-/]+){3,4}\.whl\z", RegexOptions.CultureInvariant)]
    private static partial Regex Wheel { get; }

    [GeneratedRegex(@"\A(?<name>[A-Za-z0-9][A-Za-z0-9._-]*)-[0-9][^-/]*\.(tar\.gz|zip)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Source { get; }

    [GeneratedRegex("[-_.]+", RegexOptions.CultureInvariant)]
    private static partial Regex Separators { get; }
}
