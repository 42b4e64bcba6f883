using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>
/// Scalars that YAML 1.1 and 1.2 readers take for the same string. Hand-written because one rendition is pasted into a Python literal
/// by its client: no style may ever contain <c>\"</c>, which emitters of libraries write freely.
/// </summary>
internal static partial class YamlText
{
    // What YAML 1.1 reads as a boolean or null when it stands without quotes.
    private static readonly string[] Resolved = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_./-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain { get; }

    /// <summary>A one-line scalar: as it is where that is safe, else in quotes.</summary>
    public static string Scalar(string text) =>
        Plain.IsMatch(text) && !Resolved.Contains(text, StringComparer.OrdinalIgnoreCase) ? text : Quoted(text);

    /// <summary>A one-line scalar in quotes, for values that only look like text to us (<c>'10'</c>).</summary>
    public static string Quoted(string text) =>
        text.EnumerateRunes().All(rune => IsPrintable(rune) && rune.Value is not ('\n' or '\t'))
            ? "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'"
            : DoubleQuoted(text);

    /// <summary>A scalar after a key at <paramref name="indent"/>: several lines become a literal block where a block can hold them.</summary>
    public static string Block(string text, int indent)
    {
        if (!CanBeLiteral(text))
            return Scalar(text);
        var body = text.EndsWith('\n') ? text[..^1] : text;
        var margin = new string(' ', indent);
        var lines = body.Split('\n').Select(line => line.Length == 0 ? "" : margin + line);
        return (text.EndsWith('\n') ? "|\n" : "|-\n") + string.Join('\n', lines);
    }

    private static bool CanBeLiteral(string text) =>
        text.TrimEnd('\n').Contains('\n')
        && !text.EndsWith("\n\n", StringComparison.Ordinal)
        && text[0] is not (' ' or '\n' or '\t')
        && text.Split('\n').All(line => line.Length == 0 || !string.IsNullOrWhiteSpace(line))
        && text.EnumerateRunes().All(IsPrintable);

    // Line separators count as unprintable here: YAML 1.1 folds them, YAML 1.2 does not.
    public static bool IsPrintable(Rune rune) => rune.Value is '\n' or '\t'
        or (>= 0x20 and <= 0x7E) or (>= 0xA0 and <= 0x2027) or (>= 0x202A and <= 0xD7FF) or (>= 0xE000 and <= 0xFEFE) or (>= 0xFF00 and <= 0xFFFD)
        or >= 0x10000;

    private static string DoubleQuoted(string text)
    {
        var result = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\\' => result.Append("\\\\"),
                '"' => result.Append("\\x22"),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                _ when IsPrintable(rune) => result.Append(rune.ToString()),
                <= 0xFF => result.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                _ => result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
            };
        }
        return result.Append('"').ToString();
    }
}
