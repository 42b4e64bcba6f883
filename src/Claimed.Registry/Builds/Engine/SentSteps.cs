using System.Text.RegularExpressions;
using Claimed.Components.Sources.Dockerfiles;

namespace Claimed.Registry.Builds.Engine;

/// <summary>The instructions that an engine was sent. A step may print lines like those with which engines announce steps; what it cannot change is the Dockerfile, and what the engine's error names.</summary>
internal sealed partial class SentSteps
{
    private readonly List<DockerfileInstruction> _all = [];

    // Podman counts in each stage, and leaves out what stands before the first.
    private readonly List<List<DockerfileInstruction>> _stages = [];

    public SentSteps(string dockerfile)
    {
        foreach (var instruction in DockerfileReading.Read(dockerfile).Instructions)
        {
            _all.Add(instruction);
            if (instruction.Keyword == "FROM")
                _stages.Add([]);
            if (_stages.Count > 0)
                _stages[^1].Add(instruction);
        }
    }

    /// <summary>The instruction of an announced step; null when it is no such line.</summary>
    public static string? InstructionOf(string title) => Announced.Match(title) is { Success: true } match ? Words(match.Groups["command"].Value) : null;

    /// <summary>Whether an announced step is one of them: its number, how many there are, and its words.</summary>
    public bool Has(string title)
    {
        if (Announced.Match(title) is not { Success: true } match)
            return false;
        var (number, total) = (int.Parse(match.Groups["number"].ValueSpan) - 1, int.Parse(match.Groups["total"].ValueSpan));
        var words = Words(match.Groups["command"].Value);
        var counted = match.Groups["stage"] is { Success: true } stage ? [_stages.ElementAtOrDefault(int.Parse(stage.ValueSpan) - 1)]
            : _stages.Count == 1 ? (List<DockerfileInstruction>?[])[_all, _stages[0]] : [_all];
        // A label that is asked for beside the Dockerfile is a step of its own at Docker.
        return counted.Any(steps => steps is not null && total - steps.Count is 0 or 1 && steps.ElementAtOrDefault(number) is { } sent && string.Equals(Words($"{sent.Keyword} {sent.Text}"), words, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>With one blank between words: engines join continued lines in ways of their own.</summary>
    public static string Words(string text) => Blanks.Replace(text.Trim(), " ");

    [GeneratedRegex(@"\A(\[(?<stage>\d{1,6})/\d{1,6}\] )?(Step|STEP) (?<number>\d{1,6})/(?<total>\d{1,6}) ?: (?<command>.+)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Announced { get; }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks { get; }
}
