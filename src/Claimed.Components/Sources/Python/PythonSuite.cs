namespace Claimed.Components.Sources.Python;

/// <summary>What the indented lines below a statement do.</summary>
internal static class PythonSuite
{
    private const int MaxTokens = 400;

    /// <summary>True when one of the statements in the block of <c>if …:</c> or <c>except …:</c> ends the program.</summary>
    /// <param name="header">The first token of the statement that has the block.</param>
    public static bool EndsTheProgram(PythonTokens tokens, int header)
    {
        var column = tokens.Source.ColumnAt(tokens.Code[header].Start);
        var line = tokens.Code[header].Line;
        var isStart = false;
        for (var i = header + 1; i < Math.Min(tokens.Code.Count, header + MaxTokens); i++)
        {
            if (tokens.Partners[i] > i)
            {
                i = tokens.Partners[i];
                continue;
            }

            if (tokens.Is(i, PythonTokenKind.NewLine) || tokens.IsOperator(i, ":"))
            {
                isStart = true;
                continue;
            }

            if (isStart && tokens.Code[i].Line != line && tokens.Source.ColumnAt(tokens.Code[i].Start) <= column)
                return false;
            if (isStart && IsEnd(tokens, i))
                return true;
            (isStart, line) = (false, tokens.Code[i].Line);
        }

        return false;
    }

    private static bool IsEnd(PythonTokens tokens, int index) => tokens.Text(index) switch
    {
        "raise" => true,
        "exit" or "quit" => tokens.IsOperator(index + 1, "("),
        "sys" or "os" => tokens.IsOperator(index + 1, ".") && tokens.Text(index + 2) is "exit" or "_exit" or "abort",
        _ => false,
    };

    /// <summary>For each token whether it stands in a <c>try</c> that goes on without a variable that is missing.</summary>
    public static bool[] CopesWithout(PythonTokens tokens)
    {
        var copes = new bool[tokens.Code.Count];
        var attempts = new Stack<(int Column, int Start, int End)>();
        for (var (start, line, column) = (0, 0, 0); start < tokens.Code.Count; start++)
        {
            var end = start;
            while (end < tokens.Code.Count && !tokens.Is(end, PythonTokenKind.NewLine))
                end++;
            // A statement behind a semicolon belongs where the first one of its line does.
            if (end > start && tokens.Code[start].Line != line)
                column = tokens.Source.ColumnAt(tokens.Code[start].Start);
            line = end < tokens.Code.Count ? tokens.Code[end].Line : line;
            var handles = tokens.IsName(start, "except");
            while (attempts.TryPeek(out var inner) && (inner.Column > column || (inner.Column == column && !handles)))
                attempts.Pop();
            if (tokens.IsName(start, "try"))
                attempts.Push((column, start, 0));
            if (handles && attempts.TryPop(out var attempt))
            {
                attempt.End = attempt.End == 0 ? start : attempt.End;
                attempts.Push(attempt);
                if (Catches(tokens, start, end) && !EndsTheProgram(tokens, start))
                    copes.AsSpan(attempt.Start, attempt.End - attempt.Start).Fill(true);
            }

            start = end;
        }

        return copes;
    }

    private static bool Catches(PythonTokens tokens, int start, int end)
    {
        for (var i = start + 1; i < end && !tokens.IsOperator(i, ":"); i++)
        {
            if (tokens.Text(i) is "KeyError" or "LookupError" or "Exception" or "BaseException")
                return true;
        }

        return tokens.IsOperator(start + 1, ":");
    }
}
