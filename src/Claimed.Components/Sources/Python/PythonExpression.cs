using System.Globalization;
using System.Numerics;
using System.Text;

namespace Claimed.Components.Sources.Python;

/// <summary>Evaluates what a default may be: literals, and arithmetic of numbers such as <c>60*60</c>.</summary>
internal ref struct PythonExpression
{
    private const int MaxDepth = 40;
    private const int MaxBits = 2048;
    private const int MaxJoinedText = 16 * 1024;

    private readonly PythonTokens tokens;
    private readonly int end;
    private readonly bool isR;
    private int index;
    private int depth;

    private PythonExpression(PythonTokens tokens, int start, int end, bool isR)
    {
        this.tokens = tokens;
        this.end = end;
        this.isR = isR;
        index = start;
    }

    /// <summary>The value of the tokens from <paramref name="start"/> up to <paramref name="end"/>, or null when only Python can tell.</summary>
    /// <param name="isR">With the operators of R, which differ: there <c>^</c> is the power.</param>
    public static PythonValue? Evaluate(PythonTokens tokens, int start, int end, bool isR = false)
    {
        var expression = new PythonExpression(tokens, start, end, isR);
        var value = expression.Sum();
        return expression.index == end ? value : null;
    }

    private bool Takes(string operation)
    {
        if (index >= end || !tokens.IsOperator(index, operation))
            return false;
        index++;
        return true;
    }

    private PythonValue? Sum()
    {
        if (++depth > MaxDepth)
            return null;
        var left = Product();
        while (left is not null && index < end)
        {
            if (Takes("+"))
                left = Add(left, Product());
            else if (Takes("-"))
                left = Arithmetic(left, Product(), (a, b) => a - b, (a, b) => a - b);
            else
                break;
        }

        depth--;
        return left;
    }

    private PythonValue? Product()
    {
        var left = Unary();
        while (left is not null && index < end)
        {
            if (Takes("*"))
                left = Arithmetic(left, Unary(), (a, b) => a * b, (a, b) => a * b);
            else if (Takes(isR ? "%/%" : "//"))
                left = Divide(left, Unary(), Floor, (a, b) => Math.Floor(a / b));
            else if (Takes("/"))
                left = Divide(left, Unary(), null, (a, b) => a / b);
            else if (Takes(isR ? "%%" : "%"))
                left = Divide(left, Unary(), (a, b) => a - (b * Floor(a, b)), (a, b) => a - (b * Math.Floor(a / b)));
            else
                break;
        }

        return left;
    }

    private PythonValue? Unary()
    {
        if (++depth > MaxDepth)
            return null;
        PythonValue? value;
        if (Takes("-"))
            value = Arithmetic(new PythonValue.Whole(0), Unary(), (a, b) => a - b, (_, b) => -b);
        else if (Takes("+"))
            value = Arithmetic(new PythonValue.Whole(0), Unary(), (a, b) => a + b, (_, b) => b);
        else
            value = Power();
        depth--;
        return value;
    }

    private PythonValue? Power()
    {
        var left = Atom();
        if (left is null || !(Takes("**") || (isR && Takes("^"))))
            return left;
        var right = Unary();
        if (AsWhole(left) is { } number && AsWhole(right) is { } exponent && exponent >= 0)
        {
            var bits = Math.Max(1, number.GetBitLength());
            return exponent * bits > MaxBits ? null : new PythonValue.Whole(BigInteger.Pow(number, (int)exponent));
        }

        return Finite(AsReal(left) is { } a && AsReal(right) is { } b ? Math.Pow(a, b) : double.NaN);
    }

    private PythonValue? Atom()
    {
        if (index >= end)
            return null;
        switch (tokens.Code[index].Kind)
        {
            case PythonTokenKind.Number:
                var digits = tokens.Text(index++);
                // 5L is the whole number 5.
                return Number(isR && digits.EndsWith("L") ? digits[..^1] : digits);
            case PythonTokenKind.String:
                return Strings();
            case PythonTokenKind.Name:
                return tokens.Text(index++) switch
                {
                    "True" => new PythonValue.Truth(true),
                    "False" => new PythonValue.Truth(false),
                    "None" => new PythonValue.Nothing(),
                    _ => null,
                };
            default:
                if (!Takes("("))
                    return null;
                var value = Sum();
                return Takes(")") ? value : null;
        }
    }

    /// <summary>Strings that stand side by side are one.</summary>
    private PythonValue? Strings()
    {
        var joined = new StringBuilder();
        for (; index < end && tokens.Is(index, PythonTokenKind.String); index++)
        {
            if (PythonString.Value(tokens.Text(index)) is not { } part)
                return null;
            joined.Append(part);
        }

        return new PythonValue.Text(joined.ToString());
    }

    private static PythonValue? Number(ReadOnlySpan<char> literal)
    {
        if (literal.Length > 500)
            return null;
        var digits = literal.ToString().Replace("_", "");
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return BigInteger.TryParse("0" + digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? new PythonValue.Whole(hex) : null;
        if (digits.StartsWith("0b", StringComparison.OrdinalIgnoreCase))
            return BigInteger.TryParse("0" + digits[2..], NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out var binary) ? new PythonValue.Whole(binary) : null;
        if (digits.StartsWith("0o", StringComparison.OrdinalIgnoreCase))
            return Octal(digits.AsSpan(2));
        if (digits.All(char.IsAsciiDigit))
            return new PythonValue.Whole(BigInteger.Parse(digits, CultureInfo.InvariantCulture));
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var real)
            ? Finite(real)
            : null;
    }

    private static PythonValue.Whole? Octal(ReadOnlySpan<char> digits)
    {
        var value = BigInteger.Zero;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7')
                return null;
            value = (value * 8) + (digit - '0');
        }

        return new PythonValue.Whole(value);
    }

    private static PythonValue? Add(PythonValue left, PythonValue? right)
    {
        if (left is not PythonValue.Text a || right is not PythonValue.Text b)
            return Arithmetic(left, right, (x, y) => x + y, (x, y) => x + y);
        return a.Value.Length + b.Value.Length > MaxJoinedText ? null : new PythonValue.Text(a.Value + b.Value);
    }

    private static PythonValue? Arithmetic(
        PythonValue left, PythonValue? right, Func<BigInteger, BigInteger, BigInteger> whole, Func<double, double, double> real)
    {
        if (AsWhole(left) is { } a && AsWhole(right) is { } b)
        {
            var result = whole(a, b);
            return result.GetBitLength() > MaxBits ? null : new PythonValue.Whole(result);
        }

        return AsReal(left) is { } x && AsReal(right) is { } y ? Finite(real(x, y)) : null;
    }

    private static PythonValue? Divide(
        PythonValue left, PythonValue? right, Func<BigInteger, BigInteger, BigInteger>? whole, Func<double, double, double> real)
    {
        if (AsReal(right) is null or 0)
            return null;
        return whole is null
            ? AsReal(left) is { } x ? Finite(real(x, AsReal(right)!.Value)) : null
            : Arithmetic(left, right, whole, real);
    }

    private static BigInteger Floor(BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var rest);
        return !rest.IsZero && (rest.Sign < 0) != (b.Sign < 0) ? quotient - 1 : quotient;
    }

    private static BigInteger? AsWhole(PythonValue? value) => value switch
    {
        PythonValue.Whole whole => whole.Value,
        PythonValue.Truth truth => truth.Value ? 1 : 0,
        _ => null,
    };

    private static double? AsReal(PythonValue? value) =>
        value is PythonValue.Real real ? real.Value : AsWhole(value) is { } whole ? (double)whole : null;

    private static PythonValue.Real? Finite(double value) => double.IsFinite(value) ? new PythonValue.Real(value) : null;
}
