using System.Text.Json.Serialization;

namespace Claimed.Components.Failures;

/// <summary>What a publisher needs to know of a build whose step failed.</summary>
/// <param name="Step">Its number and how many there are, such as <c>5/13</c>; null when none had begun.</param>
/// <param name="Command">The instruction, such as <c>RUN make</c>.</param>
/// <param name="ExitCode">Of its command; null when it was not a command that failed.</param>
/// <param name="File">The published file that asked for the step; null when none did.</param>
/// <param name="Line">The line in it, counted from 1; for a notebook in its JSON text.</param>
/// <param name="Cell">In a notebook: the cell, counted from 1.</param>
/// <param name="CellLine">In a notebook: the line within that cell.</param>
/// <param name="Cause">A stable word, such as <c>unknown-package</c>.</param>
/// <param name="Message">What went wrong, in one sentence.</param>
/// <param name="Hint">What to do about it.</param>
/// <param name="Tail">The last lines that the step wrote.</param>
public sealed record BuildFailure(
    string? Step, string? Command, int? ExitCode, string? File, int? Line, int? Cell, int? CellLine, string Cause, string Message, string Hint, string Tail)
{
    private const int LongestCommand = 120;

    /// <summary>Where, for people: <c>tool.py, line 3</c> or <c>count.ipynb, cell 2, line 1</c>.</summary>
    [JsonIgnore]
    public string? Place => File is null ? null
        : Cell is { } cell ? $"{File}, cell {cell}" + (CellLine is { } within ? $", line {within}" : "")
        : Line is { } line ? $"{File}, line {line}" : File;

    /// <summary>The same in other words, such as those without secrets.</summary>
    public BuildFailure In(Func<string, string> words) => this with { Command = Command is null ? null : words(Command), Message = words(Message), Hint = words(Hint), Tail = words(Tail) };

    /// <summary>All of it in one sentence, for those who see no more.</summary>
    [JsonIgnore]
    public string Reason
    {
        get
        {
            var where = Place is { } place ? $" ({place})" : "";
            var step = Step is null || Command is null ? "" : $"Step {Step} : {(Command.Length <= LongestCommand ? Command : Command[..WholeText.Cut(Command, 0, LongestCommand)] + "…")} — ";
            return $"{step}{Message.TrimEnd('.')}{where}.";
        }
    }
}

/// <summary>What is known of a build that failed.</summary>
/// <param name="Title">The step as the engine announced it: <c>Step 3/8 : RUN make</c> or <c>STEP 3/8: RUN make</c>, of the second stage also <c>[2/2] STEP 1/3: RUN make</c>; null when none had begun.</param>
/// <param name="Error">What the engine said at the end.</param>
/// <param name="Tail">The end of the log, of this step alone or of more.</param>
/// <param name="ExitCode">Of the step's command, where it was one that failed.</param>
/// <param name="IsOutOfMemory">Whether the kernel is known to have ended it for its memory.</param>
public sealed record FailedBuild(string? Title, string Error, string Tail, int? ExitCode, bool IsOutOfMemory)
{
    /// <summary>The title as it stands in the log, where that leaves something out.</summary>
    public string? TitleInLog { get; init; }

    /// <summary>The Dockerfile that was published; null when the registry wrote it.</summary>
    public string? OwnDockerfile { get; init; }

    /// <summary>Instructions that the registry wrote behind each FROM, and the engine counts.</summary>
    public int Added { get; init; }

    /// <summary>What a Dockerfile that the registry wrote installs.</summary>
    public IReadOnlyList<Renditions.InstalledPackage> Installed { get; init; } = [];

    /// <summary>What was published.</summary>
    public IReadOnlyList<Sources.SourceFile> Files { get; init; } = [];
}
