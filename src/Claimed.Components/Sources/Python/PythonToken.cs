namespace Claimed.Components.Sources.Python;

internal enum PythonTokenKind
{
    Name,
    Number,
    String,

    /// <summary>The prefix and opening quotes of an f-string; the tokens of its replacement fields follow, then <see cref="FormattedEnd"/>.</summary>
    FormattedStart,
    FormattedEnd,
    Operator,

    /// <summary>The end of a logical line, or a semicolon.</summary>
    NewLine,

    /// <summary>A whole line for IPython: <c>!pip install x</c>, <c>%matplotlib inline</c>.</summary>
    Magic,
}

/// <summary>A token, by its offsets in the text.</summary>
internal readonly record struct PythonToken(PythonTokenKind Kind, int Start, int End, int Line);

/// <summary>What keeps Python itself from reading the text.</summary>
internal readonly record struct PythonProblem(int Start, string Message, string Fix);

/// <summary>The tokens of one script or cell.</summary>
/// <param name="Partners">For each token that is a bracket, the index of the one that closes or opens it; else -1.</param>
internal sealed record PythonTokens(
    CodeText Source, List<PythonToken> Code, List<int> Partners, List<SourceComment> Comments, List<PythonProblem> Problems)
{
    public ReadOnlySpan<char> Text(int index) =>
        index >= 0 && index < Code.Count ? Source.Text.AsSpan(Code[index].Start, Code[index].End - Code[index].Start) : default;

    public bool Is(int index, PythonTokenKind kind) => index >= 0 && index < Code.Count && Code[index].Kind == kind;

    public bool IsOperator(int index, ReadOnlySpan<char> text) => Is(index, PythonTokenKind.Operator) && Text(index).SequenceEqual(text);

    public bool IsName(int index, ReadOnlySpan<char> text) => Is(index, PythonTokenKind.Name) && Text(index).SequenceEqual(text);

    public SourcePosition At(int index) => Source.At(Code[index].Start);
}
