using System.Globalization;
using System.Text.RegularExpressions;

namespace Claimed.Components;

/// <summary>Amounts as Kubernetes writes them (<c>resource.Quantity</c>): <c>500m</c>, <c>2Gi</c>, <c>1.5</c>, <c>2e3</c>.</summary>
internal static partial class Quantity
{
    // What Kubernetes can count; it silently cuts off what is more.
    private const double Limit = 9223372036854775807;

    /// <summary>The number that a quantity means, above 0; null for everything else.</summary>
    public static double? Parse(string text)
    {
        if (Grammar.Match(text) is not { Success: true } match)
            return null;
        var number = double.Parse(match.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * Unit(match.Groups["unit"].Value);
        return number is > 0 and < Limit ? number : null;
    }

    private static double Unit(string unit) => unit switch
    {
        "" => 1,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        [var prefix] => Math.Pow(1000, Power(prefix)),
        [var prefix, 'i'] => Math.Pow(1024, Power(prefix)),
        _ => Math.Pow(10, int.Parse(unit.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)),
    };

    private static int Power(char prefix) => 1 + "KMGTPE".IndexOf(char.ToUpperInvariant(prefix), StringComparison.Ordinal);

    [GeneratedRegex(@"\A(?=.{1,32}\z)(?<number>[0-9]+(\.[0-9]*)?|\.[0-9]+)(?<unit>[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Grammar { get; }
}
