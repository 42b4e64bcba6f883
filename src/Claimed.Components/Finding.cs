namespace Claimed.Components;

/// <summary>How much a finding weighs: an error refuses the publish, a warning stays with the version, a suggestion only helps.</summary>
public enum Severity
{
    Suggestion,
    Warning,
    Error,
}

/// <summary>A place in an uploaded file. Lines and columns count from 1; 0 means "the file as a whole".</summary>
/// <param name="File">Path as it was sent.</param>
/// <param name="Line">Line in the file (for a notebook: in the JSON text).</param>
/// <param name="Column">Column in that line, in UTF-16 code units.</param>
/// <param name="Cell">In a notebook: the cell, counted from 1; else 0.</param>
/// <param name="CellLine">In a notebook: the line within that cell; else 0.</param>
public readonly record struct SourcePosition(string File, int Line = 0, int Column = 0, int Cell = 0, int CellLine = 0);

/// <summary>One problem of an upload: what, where, for which client, and how to mend it.</summary>
/// <param name="Code">Stable slug, for example <c>input-name-reserved</c>; docs/findings.md explains each.</param>
/// <param name="Severity">Whether it refuses the publish.</param>
/// <param name="Position">Where it is.</param>
/// <param name="Message">What is wrong, in one sentence.</param>
/// <param name="Fix">What to write instead, in one sentence.</param>
/// <param name="Client">The client that breaks (<c>elyra</c>, <c>kfp</c>, <c>airflow</c>, <c>docker</c>), or null when all do.</param>
public sealed record Finding(string Code, Severity Severity, SourcePosition Position, string Message, string Fix, string? Client = null)
{
    public static Finding Error(string code, SourcePosition at, string message, string fix, string? client = null) =>
        new(code, Severity.Error, at, message, fix, client);

    public static Finding Warning(string code, SourcePosition at, string message, string fix, string? client = null) =>
        new(code, Severity.Warning, at, message, fix, client);

    public static Finding Suggestion(string code, SourcePosition at, string message, string fix, string? client = null) =>
        new(code, Severity.Suggestion, at, message, fix, client);
}
