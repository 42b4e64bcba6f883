using System.Text.RegularExpressions;

namespace Claimed.Registry.Http;

/// <summary>Takes tokens out of what a sender wrote before it is shown or kept: people paste one where a number or a name belongs.</summary>
public static partial class SecretText
{
    /// <summary>The text with <c>…</c> in place of what follows the beginning of a token, a ticket or a JSON Web Token.</summary>
    public static string Hide(string text) => Secrets.Replace(text, found => $"{found.Groups["begin"].Value}…");

    [GeneratedRegex(@"(?<begin>[cC][lL][mM][tTpP]_)[0-9A-Za-z_.-]+|(?<begin>eyJ)[0-9A-Za-z_-]{8,}(\.[0-9A-Za-z_-]*)*", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Secrets { get; }
}
