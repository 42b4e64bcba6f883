using System.Text.RegularExpressions;
using Claimed.Components.Renditions;

namespace Claimed.Components.Sources.Requirements;

/// <summary>Whether a requirement of pip names one version, so that the next build installs the same.</summary>
internal static partial class Pinning
{
    private const int MaxShown = 5;

    public static void Check(IReadOnlyList<string> packages, SourcePosition at, List<Finding> findings)
    {
        var open = packages.Where(package => !IsPinned(package)).Select(RequirementName.Of).Where(name => name.Length is > 0 and < 100).Distinct().ToList();
        if (open.Count == 0)
            return;
        var names = string.Join(", ", open.Take(MaxShown)) + (open.Count > MaxShown ? ", …" : "");
        findings.Add(Finding.Suggestion("requirement-unpinned", at, $"No version is pinned of {names}: a later build may install another one.",
            "Write versions, such as pandas==2.2.1."));
    }

    private static bool IsPinned(string package)
    {
        // Behind the semicolon stands for which Python it is.
        var specifier = package.Split(';')[0];
        return specifier.Contains("://", StringComparison.Ordinal) ? Address.IsMatch(specifier) : Exact.IsMatch(specifier);
    }

    [GeneratedRegex(@"===?\s*[A-Za-z0-9.!+_-]+\s*\)?\s*(,|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex Exact { get; }

    // A file is what it is; of a repository the commit or tag must be named.
    [GeneratedRegex(@"\.(whl|zip|tar\.gz)(#|\z)|/[^/@]+@[^/]+(#|\z)|#sha256=", RegexOptions.CultureInvariant)]
    private static partial Regex Address { get; }
}
