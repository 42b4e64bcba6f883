using System.Globalization;
using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>Python source text, by Python's own rules.</summary>
internal static class PythonText
{
    /// <summary>A string literal of one line that evaluates to <paramref name="text"/>.</summary>
    public static string Literal(string text)
    {
        var result = new StringBuilder("\"");
        AppendEscaped(result, text, keepLines: false);
        return result.Append('"').ToString();
    }

    /// <summary>The inside of a docstring: lines stay lines, everything that could end or change the literal is escaped.</summary>
    public static string Docstring(string text)
    {
        var result = new StringBuilder();
        AppendEscaped(result, text, keepLines: true);
        return result.ToString();
    }

    private static void AppendEscaped(StringBuilder result, string text, bool keepLines)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\n' when keepLines => result.Append('\n'),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                '\\' => result.Append("\\\\"),
                '"' => result.Append("\\\""),
                (>= 0x20 and <= 0x7E) or (>= 0xA0 and <= 0x2027) or (>= 0x202F and <= 0xD7FF) or (>= 0x10000 and <= 0x3FFFF) => result.Append(rune.ToString()),
                <= 0xFF => result.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                <= 0xFFFF => result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => result.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }
    }
}
