using System.Text.RegularExpressions;
using Claimed.Components;

namespace Claimed.Registry.Builds.Logs;

/// <summary>
/// Makes what an engine says fit for readers: no colours and cursor movements, LF line ends, characters that a database takes, no secrets. It
/// comes in chunks that end anywhere, so what may go on in the next one is held back until then.
/// </summary>
internal sealed partial class LogText(SecretTexts secrets)
{
    // What an escape sequence or an address may be long; a longer one is none.
    private const int LongestHeld = 4096;

    private string _raw = "";
    private string _clean = "";

    /// <summary>The next chunk; returns what is complete by it.</summary>
    public string Take(string chunk)
    {
        // First of all: within a sequence they would hide it.
        var raw = _raw + chunk.Replace("\0", "", StringComparison.Ordinal);
        var complete = Complete(raw, UnfinishedEscape);
        _raw = raw[complete..];
        return Masked(Cleaned(raw[..complete]), isEnd: false);
    }

    /// <summary>What was held back.</summary>
    public string End()
    {
        var last = Masked(Cleaned(_raw), isEnd: true);
        (_raw, _clean) = ("", "");
        return last;
    }

    private string Masked(string clean, bool isEnd)
    {
        var text = Accounts.Replace(secrets.Masked(_clean + clean), $"$1{SecretTexts.Mask}@");
        var complete = isEnd ? text.Length : Math.Min(Complete(text, UnfinishedAccount), text.Length - secrets.BegunAtEnd(text));
        _clean = text[complete..];
        return text[..complete];
    }

    private static string Cleaned(string raw) =>
        WholeText.Of(Controls.Replace(Escapes.Replace(raw, "").Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n'), ""));

    private static int Complete(string text, Regex unfinished)
    {
        var from = Math.Max(0, text.Length - LongestHeld);
        return unfinished.Match(text, from) is { Success: true } match ? match.Index : text.Length;
    }

    [GeneratedRegex(@"\x1B(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1B]*(\x07|\x1B\\)|[@-Z\\-_])", RegexOptions.CultureInvariant)]
    private static partial Regex Escapes { get; }

    /// <summary>What is left of a sequence could make a new one with what surrounded it.</summary>
    [GeneratedRegex(@"[\x01-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]", RegexOptions.CultureInvariant)]
    private static partial Regex Controls { get; }

    // Also the first half of a line end, and of a character.
    [GeneratedRegex(@"(\x1B(\[[0-?]*[ -/]*|\][^\x07\x1B]*\x1B?)?|\r|[\uD800-\uDBFF])\z", RegexOptions.CultureInvariant)]
    private static partial Regex UnfinishedEscape { get; }

    /// <summary>An account in an address; the name may stay.</summary>
    [GeneratedRegex(@"(\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@""']*:)[^\s/@""']+@", RegexOptions.CultureInvariant)]
    private static partial Regex Accounts { get; }

    [GeneratedRegex(@"\b[A-Za-z][A-Za-z0-9+.-]{0,20}(:(/(/[^\s/@""']*)?)?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex UnfinishedAccount { get; }
}
