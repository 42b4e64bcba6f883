using System.Text.RegularExpressions;

namespace Claimed.Registry.Builds.Logs;

/// <summary>
/// Accounts in addresses, such as <c>https://robot:password@host</c>. The whole account goes: many servers take a token in the place of the name, with any
/// password or none.
/// </summary>
internal static partial class AddressAccounts
{
    // A long name, a colon, a long password. What is longer is shown, however it comes in chunks.
    private const string Longest = "8251";
    private const int LongestHeld = 8300;

    /// <summary>The text with every account replaced.</summary>
    public static string Masked(string text) => Whole.Replace(text, $"://{SecretTexts.Mask}@");

    /// <summary>How many characters of the text say the same whatever follows them.</summary>
    public static int Settled(string text) =>
        Begun.Match(text, Math.Max(0, text.Length - LongestHeld)) is { Success: true } match ? match.Index : text.Length;

    // To the last @ before the path: people write passwords that have one.
    [GeneratedRegex(@"://[^\s/""']{1," + Longest + "}@", RegexOptions.CultureInvariant)]
    private static partial Regex Whole { get; }

    [GeneratedRegex(@":(/(/[^\s/""']{0," + Longest + @"})?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Begun { get; }
}
