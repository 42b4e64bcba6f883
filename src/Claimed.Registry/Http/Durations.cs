using System.Globalization;
using System.Text.RegularExpressions;

namespace Claimed.Registry.Http;

/// <summary>Durations as people write them: <c>30m</c>, <c>12h</c>, <c>14d</c>, <c>6w</c>.</summary>
public static partial class Durations
{
    /// <summary>How one is written, for refusals.</summary>
    public const string Rule = "a whole number and m, h, d or w: 30m, 12h, 14d, 6w";

    /// <summary>The duration; null when the text is none.</summary>
    public static TimeSpan? Read(string text)
    {
        if (Duration.Match(text) is not { Success: true } match)
            return null;
        var count = long.Parse(match.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        var minutes = match.Groups["unit"].ValueSpan[0] switch
        {
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            _ => 7 * 24 * 60,
        };
        return TimeSpan.FromMinutes(count * minutes);
    }

    // Six digits of weeks are 19,000 years, which still are a time span.
    [GeneratedRegex(@"\A(?<count>[0-9]{1,6})(?<unit>[mhdw])\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration { get; }
}
