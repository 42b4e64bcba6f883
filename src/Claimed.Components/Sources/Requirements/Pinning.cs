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

    /// <summary>
    /// The same requirements, of several exact versions of a package only the last: run one after the other, the last install line wins, but
    /// together in one command they contradict each other.
    /// </summary>
    public static List<Requirement> WithoutReplaced(List<Requirement> requirements, List<Finding> findings)
    {
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var package in Exactly(requirements))
            last[RequirementName.Of(package)] = package;
        return requirements.ConvertAll(requirement => requirement.Manager != PackageManager.Pip ? requirement
            : requirement with { Packages = [.. requirement.Packages.Where(package => !IsReplaced(package, requirement.Position))] }).FindAll(requirement => requirement.Packages.Count > 0);

        bool IsReplaced(string package, SourcePosition at)
        {
            if (!IsPlain(package) || last.GetValueOrDefault(RequirementName.Of(package), package) is var kept && kept == package)
                return false;
            findings.Add(Finding.Warning("requirement-replaced-later", at, $"Another version of {RequirementName.Of(package)} is installed further down; only that one is.",
                "Install each package once."));
            return true;
        }
    }

    private static IEnumerable<string> Exactly(List<Requirement> requirements) => requirements
        .Where(requirement => requirement.Manager == PackageManager.Pip).SelectMany(requirement => requirement.Packages).Where(IsPlain);

    /// <summary>One version for every Python.</summary>
    private static bool IsPlain(string package) => !package.Contains(';') && !package.Contains("://", StringComparison.Ordinal) && IsPinned(package);

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
