using System.Text;
using Claimed.Components.Sources.Python;

namespace Claimed.Components.Sources.R;

/// <summary>Values that R writes in its own way: TRUE, NA, 5L, raw strings. The rest is as in Python.</summary>
internal static class RLiteral
{
    public static PythonValue? Read(PythonTokens tokens, PythonRange range)
    {
        if (range.Length == 1 && tokens.Is(range.Start, PythonTokenKind.String))
            return Text(tokens.Text(range.Start)) is { } text ? new PythonValue.Text(text) : null;
        if (range.Length == 1 && tokens.Is(range.Start, PythonTokenKind.Name))
        {
            return tokens.Text(range.Start) switch
            {
                "TRUE" or "T" => new PythonValue.Truth(true),
                "FALSE" or "F" => new PythonValue.Truth(false),
                "NA" or "NULL" or "NA_character_" => new PythonValue.Nothing(),
                _ => null,
            };
        }

        return PythonExpression.Evaluate(tokens, range.Start, range.End, isR: true) switch
        {
            PythonValue.Text or PythonValue.Truth => null,
            var value => Whole(value),
        };
    }

    /// <summary>The value of a string; null for escapes that only R knows.</summary>
    public static string? Text(ReadOnlySpan<char> literal)
    {
        if (literal[0] is 'r' or 'R')
        {
            // r"(…)", r"---[…]---"
            var inner = literal[2..^1];
            var dashes = inner.Length - inner.TrimStart('-').Length;
            return inner.Length >= (2 * dashes) + 2 ? inner[(dashes + 1)..^(dashes + 1)].ToString() : null;
        }

        return PythonString.Value(literal.IndexOf("u{", StringComparison.OrdinalIgnoreCase) < 0 ? literal : WithoutBraces(literal));
    }

    /// <summary><c>\u{1F600}</c> as Python writes it.</summary>
    private static string WithoutBraces(ReadOnlySpan<char> literal)
    {
        var text = new StringBuilder();
        for (var i = 0; i < literal.Length; i++)
        {
            var close = i + 2 < literal.Length && literal[i] == '\\' && literal[i + 1] is 'u' or 'U' && literal[i + 2] == '{' ? literal[i..].IndexOf('}') : -1;
            if (close is > 3 and <= 11)
            {
                text.Append("\\U").Append('0', 11 - close).Append(literal.Slice(i + 3, close - 3));
                i += close;
                continue;
            }

            text.Append(literal[i]);
            if (literal[i] == '\\' && i + 1 < literal.Length)
                text.Append(literal[++i]);
        }

        return text.ToString();
    }

    /// <summary>All numbers of R are real; it prints whole ones without a point.</summary>
    private static PythonValue? Whole(PythonValue? value) =>
        value is PythonValue.Real { Value: var real } && double.IsInteger(real) && Math.Abs(real) < 1e15 ? new PythonValue.Whole((long)real) : value;
}
