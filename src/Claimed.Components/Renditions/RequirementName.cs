using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>The name in a package specifier, in the one form of PEP 503.</summary>
internal static partial class RequirementName
{
    /// <summary><c>scikit_learn[extra]&gt;=1.2</c> and <c>git+https://…#egg=Scikit.Learn</c> both give <c>scikit-learn</c>.</summary>
    public static string Of(string specifier)
    {
        var egg = Egg.Match(specifier);
        var name = egg.Success ? egg.Groups[1].Value : Leading.Match(specifier).Value;
        return Normalize(name);
    }

    public static string Normalize(string name) => Separators.Replace(name, "-").ToLowerInvariant();

    [GeneratedRegex("[-_.]+", RegexOptions.CultureInvariant)]
    private static partial Regex Separators { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", RegexOptions.CultureInvariant)]
    private static partial Regex Leading { get; }

    [GeneratedRegex("[#&]egg=([A-Za-z0-9._-]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Egg { get; }
}
