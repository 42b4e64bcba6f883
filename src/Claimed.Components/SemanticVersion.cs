using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Semver;

namespace Claimed.Components;

/// <summary>The versions that the registry stores: SemVer 2.0.0 without build metadata.</summary>
public static class SemanticVersion
{
    // npm and every JavaScript client read numbers exactly up to here; one more must fit for the end of a range.
    private static readonly BigInteger Highest = 9_007_199_254_740_990;

    private const int MaxLength = 128;

    /// <summary>Reads <c>1.2.3</c>, <c>1.2.3-rc.1</c>, and <c>1.2</c> as <c>1.2.0</c>; written in full, a version has at most 128 characters.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SemVersion? version) =>
        SemVersion.TryParse(text, SemVersionStyles.OptionalPatch, out version, MaxLength)
        && version.Metadata.Length == 0 && IsExact(version) && version.ToString().Length <= MaxLength;

    /// <summary>The version that a publish without one takes after <paramref name="newest"/>.</summary>
    public static SemVersion NextMinor(SemVersion? newest) =>
        newest is null ? new SemVersion(0, 1, 0) : new SemVersion(newest.Major, newest.Minor + 1, 0);

    /// <summary>Reads an npm range such as <c>^1.2</c>, <c>~0</c> or <c>&gt;=1 &lt;3</c>.</summary>
    public static bool TryParseRange(string text, [NotNullWhen(true)] out SemVersionRange? range) =>
        SemVersionRange.TryParseNpm(text, out range, maxLength: 256)
        && range.All(part => IsExact(part.Start) && IsExact(part.End));

    private static bool IsExact(SemVersion? version) =>
        version is null || (version.Major <= Highest + 1 && version.Minor <= Highest + 1 && version.Patch <= Highest + 1);
}
