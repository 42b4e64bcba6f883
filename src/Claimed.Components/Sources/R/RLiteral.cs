using System.Globalization;
using Claimed.Components.Sources.Python;

namespace Claimed.Components.Sources.R;

/// <summary>Values that R writes in its own way: TRUE, NA, 5L, raw strings. The rest is as in Python.</summary>
internal static class RLiteral
{
    public static PythonValue? Read(PythonTokens tokens, PythonRange range)
    {
        if (range.Length != 1)
            return PythonExpression.Evaluate(tokens, range.Start, range.End) is PythonValue.Text ? null : Whole(PythonExpression.Evaluate(tokens, range.Start, range.End));
        switch (tokens.Code[range.Start].Kind)
        {
            case PythonTokenKind.String:
                return Text(tokens.Text(range.Start)) is { } text ? new PythonValue.Text(text) : null;
            case PythonTokenKind.Number when tokens.Text(range.Start).EndsWith("L"):
                return long.TryParse(tokens.Text(range.Start)[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? new PythonValue.Whole(whole) : null;
            case PythonTokenKind.Name:
                return tokens.Text(range.Start) switch
                {
                    "TRUE" or "T" => new PythonValue.Truth(true),
                    "FALSE" or "F" => new PythonValue.Truth(false),
                    "NA" or "NULL" or "NA_character_" => new PythonValue.Nothing(),
                    _ => null,
                };
            default:
                return Whole(PythonExpression.Evaluate(tokens, range.Start, range.End));
        }
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

        return literal.IndexOf("\\u{", StringComparison.Ordinal) >= 0 ? null : PythonString.Value(literal);
    }

    /// <summary>All numbers of R are real; it prints whole ones without a point.</summary>
    private static PythonValue? Whole(PythonValue? value) =>
        value is PythonValue.Real { Value: var real } && double.IsInteger(real) && Math.Abs(real) < 1e15 ? new PythonValue.Whole((long)real) : value;
}
