using System.Text.RegularExpressions;

namespace Claimed.Components;

/// <summary>The grammar of channels; no version and no range is one, and no tag of a running build. Clients of KFP call theirs v1.</summary>
public static partial class ChannelName
{
    /// <summary>The grammar in words, for refusals.</summary>
    public const string Rule = "lower-case letters, digits, \".\", \"_\" and \"-\", a letter first, at most 64, and neither x nor like a build's tag (build-7)";

    public static bool IsValid(string text) => Grammar.IsMatch(text) && !Mistakable.IsMatch(text);

    [GeneratedRegex(@"\A[a-z][a-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }

    // npm reads x as *; a builder pushes build-7-1 and its tag goes when the build has ended.
    [GeneratedRegex(@"\A(x(\.|\z)|build-[0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex Mistakable { get; }
}
