using System.Text.RegularExpressions;

namespace Claimed.Components;

/// <summary>The grammar of channels; no version and no range can be mistaken for one.</summary>
public static partial class ChannelName
{
    public static bool IsValid(string text) => Grammar.IsMatch(text);

    [GeneratedRegex(@"\A[a-z][a-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }
}
