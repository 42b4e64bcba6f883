using System.Globalization;
using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>Amounts as Kubernetes writes them: <c>500m</c>, <c>2Gi</c>, <c>1.5</c>, <c>2e3</c>.</summary>
internal static partial class Quantity
{
    /// <summary>The text where it is an amount, else null: no rendition passes on what a client would refuse.</summary>
    public static string? Checked(string? text) => text is not null && Parse(text) is > 0 ? text : null;

    /// <summary>The number that a quantity means, or null when it is none.</summary>
    public static double? Parse(string text)
    {
        if (Grammar.Match(text) is not { Success: true } match)
            return null;
        var number = double.Parse(match.Groups[1].Value, NumberStyles.Float, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "" => number,
            "m" => number / 1000,
            "k" => number * 1e3,
            "M" => number * 1e6,
            "G" => number * 1e9,
            "T" => number * 1e12,
            "P" => number * 1e15,
            "Ki" => number * 1024,
            "Mi" => number * 1048576,
            "Gi" => number * 1073741824,
            "Ti" => number * 1099511627776,
            "Pi" => number * 1125899906842624,
            var exponent => number * Math.Pow(10, int.Parse(exponent.AsSpan(1), CultureInfo.InvariantCulture)),
        };
    }

    [GeneratedRegex(@"\A([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi|[eE][0-9]|)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }
}
