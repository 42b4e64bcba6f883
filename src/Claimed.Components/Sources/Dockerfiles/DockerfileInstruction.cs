namespace Claimed.Components.Sources.Dockerfiles;

/// <summary>One instruction, as an engine reads it: continued lines joined, comments among them left out.</summary>
/// <param name="Keyword">In capitals, such as <c>FROM</c>.</param>
/// <param name="Text">What follows the keyword, without white space around it.</param>
/// <param name="Line">Its first line, counted from 1.</param>
/// <param name="EndLine">Its last line.</param>
public sealed record DockerfileInstruction(string Keyword, string Text, int Line, int EndLine)
{
    /// <summary>Words such as <c>--from=build</c> between keyword and arguments.</summary>
    public IReadOnlyList<DockerfileFlag> Flags { get; init; } = [];

    /// <summary>What follows the flags.</summary>
    public string Arguments { get; init; } = Text;

    /// <summary>Whether engines may find other flags in it.</summary>
    internal bool HasUnclearFlags { get; init; }

    /// <summary>Value of a flag; null when it is not there.</summary>
    public string? Flag(string name) => Flags.LastOrDefault(flag => flag.Name == name)?.Value;
}

/// <summary>A flag of an instruction.</summary>
/// <param name="Name">Without its hyphens.</param>
/// <param name="Value">Null for one without <c>=</c>.</param>
/// <param name="Written">As it stands in the file, quotes included.</param>
public sealed record DockerfileFlag(string Name, string? Value, string Written);

/// <summary>Which part of a Dockerfile names an image.</summary>
public enum BaseUse
{
    /// <summary><c>FROM image</c>.</summary>
    From,

    /// <summary><c>COPY --from=image</c>.</summary>
    Copy,

    /// <summary><c># syntax=image</c>, which BuildKit runs to read the file.</summary>
    Syntax,
}

/// <summary>An image that a Dockerfile uses and does not make itself.</summary>
/// <param name="Name">As an engine is asked for it: variables replaced.</param>
/// <param name="Platform">Of <c>FROM --platform=</c>, variables replaced; null when absent.</param>
/// <param name="Line">Where it stands, counted from 1.</param>
public sealed record DockerfileBase(string Name, BaseUse Use, string? Platform, int Line);

/// <summary>What a FROM says, variables replaced.</summary>
/// <param name="Source">An image, an earlier stage, or <c>scratch</c>.</param>
/// <param name="Platform">Null when absent or empty.</param>
/// <param name="Name">After AS; null when absent.</param>
internal sealed record DockerfileStage(string Source, string? Platform, string? Name);
