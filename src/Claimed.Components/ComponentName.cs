using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Claimed.Components;

/// <summary>The grammar of namespaces and component names: lower-case words joined by single hyphens.</summary>
public static partial class ComponentName
{
    public const int MaxNamespaceLength = 39;
    public const int MaxNameLength = 57;

    // The last is the name of a package that is no namespace's: claimed-elyra-connector.
    private static readonly FrozenSet<string> ReservedNamespaces = FrozenSet.Create(StringComparer.Ordinal,
        "api", "apis", "catalogs", "connector", "packages", "simple", "store", "token", "v2", "validate", "elyra-connector");

    private static readonly FrozenSet<string> ReservedNames = FrozenSet.Create(StringComparer.Ordinal,
        "packages", "validate", "versions", "tags", "uploads", "blobs", "manifests", "referrers");

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }

    public static bool IsNamespace(string text) =>
        text.Length is > 0 and <= MaxNamespaceLength && Grammar.IsMatch(text) && !ReservedNamespaces.Contains(text);

    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength && Grammar.IsMatch(text) && !ReservedNames.Contains(text);

    /// <summary>The name that a file gets by convention; empty when nothing of it is left.</summary>
    public static string FromFileName(string path)
    {
        var slug = Slug(Path.GetFileNameWithoutExtension(path));
        return slug.StartsWith("claimed-", StringComparison.Ordinal) ? slug["claimed-".Length..] : slug;
    }

    /// <summary>Lower-case words of <paramref name="text"/> joined by hyphens, at most <see cref="MaxNameLength"/> long; may be empty.</summary>
    public static string Slug(string text)
    {
        var slug = NonWord.Replace(text.ToLowerInvariant(), "-").Trim('-');
        return slug.Length <= MaxNameLength ? slug : slug[..MaxNameLength].TrimEnd('-');
    }

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex NonWord { get; }
}
