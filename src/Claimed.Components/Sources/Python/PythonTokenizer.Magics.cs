namespace Claimed.Components.Sources.Python;

/// <summary>The lines that IPython takes for itself.</summary>
internal sealed partial class PythonTokenizer
{
    private bool IsMagicStart(char c)
    {
        if (dialect != PythonDialect.Notebook || contexts.Count > 0)
            return false;
        if (statementStart && c is '%' or '!' or '?')
            return true;
        // Older ways to call: `/f x`, `,f x`, `;f x`.
        if (statementStart && c is '/' or ',' or ';' && text.AsSpan(lineStart, position - lineStart).IsWhiteSpace())
            return true;
        return c is '!' or '%' && Peek(1) != '=' && tokens.IsOperator(tokens.Code.Count - 1, "=");
    }

    private void ReadMagic()
    {
        var start = position;
        var startLine = line;
        // What follows `%time` is a statement as any other.
        if (text.AsSpan(position).StartsWith("%time "))
        {
            position += "%time ".Length;
            return;
        }

        while (position < text.Length && Current is not ('\n' or '\r'))
        {
            if (Current == '\\' && Peek(1) is '\n' or '\r')
            {
                position++;
                PassLineEnd();
            }
            else
            {
                position++;
            }
        }

        Add(PythonTokenKind.Magic, start, startLine);
    }
}
