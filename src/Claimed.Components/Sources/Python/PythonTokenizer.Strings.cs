namespace Claimed.Components.Sources.Python;

/// <summary>Strings, and f-strings with the expressions inside them.</summary>
internal sealed partial class PythonTokenizer
{
    private void ReadString(int start)
    {
        var startLine = line;
        var formatted = text.AsSpan(start, position - start).IndexOfAny("fFtT") >= 0;
        var quote = Current;
        var triple = dialect != PythonDialect.R && Peek(1) == quote && Peek(2) == quote;
        position += triple ? 3 : 1;
        if (formatted)
        {
            Add(PythonTokenKind.FormattedStart, start, startLine);
            contexts.Push(new Context(Lexing.Literal, quote, tokens.Code.Count - 1, start, triple));
            return;
        }

        while (position < text.Length)
        {
            var c = Current;
            if (c == quote && (!triple || (Peek(1) == quote && Peek(2) == quote)))
            {
                position += triple ? 3 : 1;
                Add(PythonTokenKind.String, start, startLine);
                return;
            }

            if (c is '\n' or '\r')
            {
                if (!triple && dialect != PythonDialect.R)
                    break;
                PassLineEnd();
            }
            else if (c == '\\' && Peek(1) is '\n' or '\r')
            {
                position++;
                PassLineEnd();
            }
            else
            {
                position += c == '\\' && position + 1 < text.Length ? 2 : 1;
            }
        }

        Problem(start, "A string is never closed.", $"Close it with {(triple ? new string(quote, 3) : quote.ToString())}.");
        // An operator: whoever looks for literals must not take half a string for one.
        Add(PythonTokenKind.Operator, start, startLine);
    }

    private void ReadLiteral(Context context)
    {
        var home = context.Lexing == Lexing.Literal ? context : contexts.First(outer => outer.Lexing == Lexing.Literal);
        var c = Current;
        if (c == home.Open && (!home.Triple || (Peek(1) == c && Peek(2) == c)))
        {
            position += home.Triple ? 3 : 1;
            LeaveFormatted();
        }
        else if (c == '\\' && Peek(1) is '\n' or '\r')
        {
            position++;
            PassLineEnd();
        }
        else if (c is '\n' or '\r')
        {
            if (home.Triple)
            {
                PassLineEnd();
                return;
            }

            Problem(home.Start, "A string is never closed.", $"Close it with {home.Open}.");
            LeaveFormatted();
        }
        else if (c == '{' && context.Lexing == Lexing.Literal && Peek(1) == '{')
        {
            position += 2;
        }
        else if (c == '{')
        {
            position++;
            contexts.Push(new Context(Lexing.Field, '{', -1, position - 1));
        }
        else if (c == '}' && context.Lexing == Lexing.Format)
        {
            position++;
            contexts.Pop();
        }
        else if (c == '\\' && Peek(1) == 'N' && Peek(2) == '{')
        {
            // A character by its name is no field; its length is that of the longest Unicode name.
            var close = text.AsSpan(position, Math.Min(100, text.Length - position)).IndexOf('}');
            position += close < 0 ? 2 : close + 1;
        }
        else
        {
            position += c == '\\' && position + 1 < text.Length && Peek(1) is not ('{' or '}' or '\n' or '\r') ? 2 : 1;
        }
    }

    private void LeaveFormatted()
    {
        while (contexts.Pop().Lexing != Lexing.Literal)
        {
        }

        Add(PythonTokenKind.FormattedEnd, position, line);
    }
}
