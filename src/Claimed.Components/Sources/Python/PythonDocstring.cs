namespace Claimed.Components.Sources.Python;

/// <summary>The text at the head of a module.</summary>
internal static class PythonDocstring
{
    /// <summary>The first statement when it is nothing but a string, without the indentation of its lines; else empty.</summary>
    public static string Read(PythonTokens tokens)
    {
        var end = 0;
        while (tokens.Is(end, PythonTokenKind.String))
            end++;
        return end > 0 && (end == tokens.Code.Count || tokens.Is(end, PythonTokenKind.NewLine))
            && PythonExpression.Evaluate(tokens, 0, end) is PythonValue.Text text
            ? Clean(text.Value)
            : "";
    }

    private static string Clean(string text)
    {
        var lines = text.Replace("\t", "        ").Split('\n');
        var margin = lines.Skip(1).Where(line => line.Trim().Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select((line, number) => (number == 0 || line.Length < margin ? line.Trim() : line[margin..]).TrimEnd())).Trim();
    }
}
