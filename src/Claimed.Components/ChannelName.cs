using System.Text.RegularExpressions;

namespace Claimed.Components;

/// <summary>The grammar of channels; no version and no range can be mistaken for one, and no tag of a running build.</summary>
public static partial class ChannelName
{
    /// <summary>The grammar in words, for refusals.</summary>
    public const string Rule = "lower-case letters, digits, \".\", \"_\" and \"-\", a letter first, at most 64, and not like a version (v1, x) or a build's tag (build-7)";

    public static bool IsValid(string text) => Grammar.IsMatch(text) && !Mistakable.IsMatch(text);

    [GeneratedRegex(@"\A[a-z][a-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }

    // npm reads v1 as =1 and x as *; a builder pushes build-7-1 and its tag goes when the build has ended.
    [GeneratedRegex(@"\A(v[0-9]|x(\.|\z)|build-[0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex Mistakable { get; }
}
