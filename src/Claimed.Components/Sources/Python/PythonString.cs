using System.Globalization;
using System.Text;

namespace Claimed.Components.Sources.Python;

/// <summary>The value of a string literal.</summary>
internal static class PythonString
{
    /// <summary>The text that Python would make of <paramref name="literal"/> (prefix, quotes and all); null for bytes and for what we do not evaluate.</summary>
    public static string? Value(ReadOnlySpan<char> literal)
    {
        var quoteAt = literal.IndexOfAny('"', '\'');
        var prefix = literal[..quoteAt];
        if (prefix.IndexOfAny("bBfFtT") >= 0)
            return null;
        var raw = prefix.IndexOfAny('r', 'R') >= 0;
        var quote = literal[quoteAt];
        var body = literal[(quoteAt + 1)..];
        var width = body.Length >= 5 && body[0] == quote && body[1] == quote ? 3 : 1;
        return Unescape(body[(width - 1)..^width], raw);
    }

    private static string? Unescape(ReadOnlySpan<char> body, bool raw)
    {
        var value = new StringBuilder(body.Length);
        for (var i = 0; i < body.Length; i++)
        {
            var c = body[i];
            if (c == '\r')
            {
                value.Append('\n');
                if (i + 1 < body.Length && body[i + 1] == '\n')
                    i++;
            }
            else if (c != '\\' || raw || i + 1 == body.Length)
            {
                value.Append(c);
            }
            else
            {
                i++;
                if (!AppendEscape(body, ref i, value))
                    return null;
            }
        }

        return value.ToString();
    }

    /// <param name="i">At the character after the backslash; afterwards at the last one of the escape.</param>
    private static bool AppendEscape(ReadOnlySpan<char> body, ref int i, StringBuilder value)
    {
        switch (body[i])
        {
            case '\n':
                return true;
            case '\r':
                if (i + 1 < body.Length && body[i + 1] == '\n')
                    i++;
                return true;
            case '\\' or '\'' or '"':
                value.Append(body[i]);
                return true;
            case 'a':
                value.Append('\a');
                return true;
            case 'b':
                value.Append('\b');
                return true;
            case 'f':
                value.Append('\f');
                return true;
            case 'n':
                value.Append('\n');
                return true;
            case 'r':
                value.Append('\r');
                return true;
            case 't':
                value.Append('\t');
                return true;
            case 'v':
                value.Append('\v');
                return true;
            case >= '0' and <= '7':
                var number = 0;
                var digits = 0;
                while (digits < 3 && i + digits < body.Length && body[i + digits] is >= '0' and <= '7')
                    number = (number * 8) + body[i + digits++] - '0';
                i += digits - 1;
                value.Append((char)number);
                return true;
            case 'x':
                return AppendHex(body, ref i, 2, value);
            case 'u':
                return AppendHex(body, ref i, 4, value);
            case 'U':
                return AppendHex(body, ref i, 8, value);
            case 'N':
                return false;
            default:
                value.Append('\\').Append(body[i]);
                return true;
        }
    }

    private static bool AppendHex(ReadOnlySpan<char> body, ref int i, int digits, StringBuilder value)
    {
        if (i + digits >= body.Length
            || !uint.TryParse(body.Slice(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            || number > 0x10FFFF)
        {
            return false;
        }

        i += digits;
        if (number > 0xFFFF)
            value.Append(new Rune(number).ToString());
        else
            value.Append((char)number);
        return true;
    }
}
