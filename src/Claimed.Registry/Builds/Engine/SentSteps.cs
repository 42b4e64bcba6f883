using Claimed.Components.Failures;
using Claimed.Components.Sources.Dockerfiles;

namespace Claimed.Registry.Builds.Engine;

/// <summary>The instructions that an engine was sent. A step may print lines like those with which engines announce steps; what it cannot change is the Dockerfile, and what the engine's error names.</summary>
internal sealed class SentSteps
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
    public static string? InstructionOf(string title) => StepTitle.Read(title) is { } read ? StepTitle.Words(read.Command) : null;

    /// <summary>Whether an announced step is one of them: its number, how many there are, and its words.</summary>
    public bool Has(string title)
    {
        if (StepTitle.Read(title) is not { } read)
            return false;
        var words = StepTitle.Words(read.Command);
        var counted = read.Stage is { } stage ? [_stages.ElementAtOrDefault(stage - 1)]
            : _stages.Count == 1 ? (List<DockerfileInstruction>?[])[_all, _stages[0]] : [_all];
        // A label that is asked for beside the Dockerfile is a step of its own at Docker.
        return counted.Any(steps => steps is not null && read.Total - steps.Count is 0 or 1 && steps.ElementAtOrDefault(read.Number - 1) is { } sent && string.Equals(StepTitle.Words($"{sent.Keyword} {sent.Text}"), words, StringComparison.OrdinalIgnoreCase));
    }
}
