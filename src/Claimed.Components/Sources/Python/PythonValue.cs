using System.Globalization;
using System.Numerics;

namespace Claimed.Components.Sources.Python;

/// <summary>The value of a literal or of arithmetic on numbers.</summary>
internal abstract record PythonValue
{
    private PythonValue()
    {
    }

    /// <summary>The text as Python's <c>str()</c> writes it; null for None.</summary>
    public abstract string? AsText();

    public sealed record Nothing : PythonValue
    {
        public override string? AsText() => null;
    }

    public sealed record Truth(bool Value) : PythonValue
    {
        public override string AsText() => Value ? "True" : "False";
    }

    public sealed record Whole(BigInteger Value) : PythonValue
    {
        public override string AsText() => Value.ToString(CultureInfo.InvariantCulture);
    }

    public sealed record Real(double Value) : PythonValue
    {
        public override string AsText() => Float(Value);
    }

    public sealed record Text(string Value) : PythonValue
    {
        public override string AsText() => Value;
    }

    /// <summary>Python's shortest form: digits up to 1e16, an exponent of two digits outside.</summary>
    private static string Float(double value)
    {
        var shortest = value.ToString("E16", CultureInfo.InvariantCulture);
        var exponent = int.Parse(shortest.AsSpan(shortest.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (value == 0)
            return double.IsNegative(value) ? "-0.0" : "0.0";
        var digits = value.ToString("R", CultureInfo.InvariantCulture);
        if (exponent is < -4 or >= 16)
        {
            var mantissa = digits.Contains('E') ? digits[..digits.IndexOf('E')] : Mantissa(digits);
            return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (digits.Contains('E'))
            digits = decimal.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        return digits.Contains('.') ? digits : digits + ".0";
    }

    private static string Mantissa(string digits)
    {
        var sign = digits.StartsWith('-') ? "-" : "";
        var significant = digits.TrimStart('-').Replace(".", "").Trim('0');
        return sign + (significant.Length == 1 ? significant : $"{significant[0]}.{significant[1..]}");
    }
}
