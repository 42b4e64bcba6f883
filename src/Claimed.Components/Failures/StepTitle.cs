using System.Globalization;
using System.Text.RegularExpressions;

namespace Claimed.Components.Failures;

/// <summary>The line with which an engine announces a step: <c>Step 3/8 : RUN make</c> at Docker, <c>STEP 3/8: RUN make</c> or <c>[2/2] STEP 3/8: RUN make</c> at Podman.</summary>
/// <param name="Stage">From 1, where Podman has several and counts anew in each; null elsewhere.</param>
/// <param name="Step">Its number and how many there are, as announced: <c>3/8</c>.</param>
/// <param name="Number">From 1.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Command">The instruction as announced.</param>
public sealed partial record StepTitle(int? Stage, string Step, int Number, int Total, string Command)
{
    /// <summary>Null when the line is no such one.</summary>
    public static StepTitle? Read(string line)
    {
        if (Announced.Match(line) is not { Success: true } match)
            return null;
        int Of(string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
        return new StepTitle(match.Groups["stage"].Success ? Of("stage") : null, match.Groups["step"].Value, Of("number"), Of("total"), match.Groups["command"].Value);
    }

    /// <summary>With one blank between words: engines join continued lines in ways of their own.</summary>
    public static string Words(string text) => Blanks.Replace(text.Trim(), " ");

    // Neither goes back: their time grows with the text alone, and whoever follows a log has no other answer to a pattern that gives up.
    [GeneratedRegex(@"\A(\[(?<stage>\d{1,6})/\d{1,6}\] )?(Step|STEP) (?<step>(?<number>\d{1,6})/(?<total>\d{1,6})) ?: (?<command>.+)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Announced { get; }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks { get; }
}
