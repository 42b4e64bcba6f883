namespace Claimed.Components.Sources.Python;

/// <summary>What only R has: names between backticks, operators such as <c>%in%</c>, and raw strings.</summary>
internal sealed partial class PythonTokenizer
{
    private bool ReadOfR(char c)
    {
        if (c is not ('`' or '%'))
            return false;
        var start = position;
        var end = text.AsSpan(position + 1).IndexOfAny(c, '\n');
        if (end < 0 || text[position + 1 + end] != c)
            return false;
        position += end + 2;
        Add(c == '`' ? PythonTokenKind.Name : PythonTokenKind.Operator, start, line);
        return true;
    }

    /// <summary><c>r"(…)"</c>, <c>R'---[…]---'</c>: quotes and backslashes inside mean nothing. Behind any other name stands an ordinary string.</summary>
    /// <param name="start">Where the name begins that stands before the quote.</param>
    private void ReadRawString(int start)
    {
        var quote = Current;
        var dashes = 0;
        while (Peek(1 + dashes) == '-')
            dashes++;
        var close = Peek(1 + dashes) switch { '(' => ')', '[' => ']', '{' => '}', _ => '\0' };
        if (position - start != 1 || text[start] is not ('r' or 'R') || close == '\0')
        {
            Add(PythonTokenKind.Name, start, line);
            return;
        }

        var startLine = line;
        var ending = close + new string('-', dashes) + quote;
        var end = text.IndexOf(ending, position + dashes + 2, StringComparison.Ordinal);
        if (end < 0)
            Problem(start, "A string is never closed.", $"Close it with {ending}.");
        while (position < (end < 0 ? text.Length : end + ending.Length))
        {
            if (Current is '\n' or '\r')
                PassLineEnd();
            else
                position++;
        }

        Add(end < 0 ? PythonTokenKind.Operator : PythonTokenKind.String, start, startLine);
    }
}
