using System.Text.RegularExpressions;
using Claimed.Components;

namespace Claimed.Registry.Builds.Logs;

/// <summary>
/// Makes what an engine says fit for readers: no colours and cursor movements, LF line ends, characters that a database takes, no secrets. It
/// comes in chunks that end anywhere, so what may go on in the next one is held back until then.
/// </summary>
internal sealed partial class LogText(SecretTexts secrets)
{
    // The longest that is known as such: a window's title or a link's address. What is longer is shown alike, however it comes in chunks.
    private const string EscapeLength = "{0,4000}";
    private const int LongestHeld = 4100;

    // What waits for more: of a sequence, of a line end or a character, of a secret, of an account.
    private string _raw = "";
    private string _plain = "";
    private string _clean = "";
    private string _known = "";

    /// <summary>The next chunk; returns what is complete by it.</summary>
    public string Take(string chunk) => WithoutAccounts(WithoutSecrets(Lines(Plain(chunk, isEnd: false), isEnd: false), isEnd: false), isEnd: false);

    /// <summary>What was held back.</summary>
    public string End() => WithoutAccounts(WithoutSecrets(Lines(Plain("", isEnd: true), isEnd: true), isEnd: true), isEnd: true);

    /// <summary>Without sequences and control characters. What is left of a sequence could make a new one with what surrounded it, so its ESC goes last.</summary>
    private string Plain(string chunk, bool isEnd)
    {
        // First of all: within a sequence they would hide it.
        var raw = _raw + chunk.Replace("\0", "", StringComparison.Ordinal);
        var complete = isEnd ? raw.Length : Complete(raw, UnfinishedEscape);
        _raw = raw[complete..];
        return Controls.Replace(Escapes.Replace(raw[..complete], ""), "");
    }

    /// <summary>With LF line ends and whole characters.</summary>
    private string Lines(string plain, bool isEnd)
    {
        var text = _plain + plain;
        var complete = !isEnd && text is [.., var last] && (last == '\r' || char.IsHighSurrogate(last)) ? text.Length - 1 : text.Length;
        _plain = text[complete..];
        return WholeText.Of(text[..complete].Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n'));
    }

    private string WithoutSecrets(string clean, bool isEnd)
    {
        var text = secrets.Masked(_clean + clean);
        var complete = isEnd ? text.Length : text.Length - secrets.BegunAtEnd(text);
        _clean = text[complete..];
        return text[..complete];
    }

    private string WithoutAccounts(string known, bool isEnd)
    {
        var text = _known + known;
        var complete = isEnd ? text.Length : AddressAccounts.Settled(text);
        _known = text[complete..];
        return AddressAccounts.Masked(text[..complete]);
    }

    private static int Complete(string text, Regex unfinished)
    {
        var from = Math.Max(0, text.Length - LongestHeld);
        return unfinished.Match(text, from) is { Success: true } match ? match.Index : text.Length;
    }

    [GeneratedRegex(@"\x1B(\[[0-?]{0,99}[ -/]{0,9}[@-~]|[\]PX^_][^\x07\x1B]" + EscapeLength + @"(\x07|\x1B\\)|[ -/]{0,9}[0-~])", RegexOptions.CultureInvariant)]
    private static partial Regex Escapes { get; }

    [GeneratedRegex(@"[\x01-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]", RegexOptions.CultureInvariant)]
    private static partial Regex Controls { get; }

    [GeneratedRegex(@"\x1B(\[[0-?]{0,99}[ -/]{0,9}|[\]PX^_][^\x07\x1B]" + EscapeLength + @"\x1B?|[ -/]{0,9})\z", RegexOptions.CultureInvariant)]
    private static partial Regex UnfinishedEscape { get; }
}
