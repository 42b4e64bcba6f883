namespace Claimed.Components.Sources.Python;

internal enum PythonDialect
{
    Script,

    /// <summary>With lines for IPython.</summary>
    Notebook,

    /// <summary>R writes comments, names, numbers and brackets alike; its strings may span lines and have no triple quotes.</summary>
    R,
}

/// <summary>Cuts Python (3.14 and earlier) or IPython text into tokens, in one pass and without recursion.</summary>
internal sealed partial class PythonTokenizer
{
    /// <summary>Python's own limit on nested brackets.</summary>
    private const int MaxDepth = 200;

    private static readonly string[] LongOperators =
        ["**=", "//=", "<<=", ">>=", "...", "==", "!=", "<=", ">=", ":=", "->", "**", "//", "<<", ">>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@="];

    private readonly string text;
    private readonly PythonDialect dialect;
    private readonly PythonTokens tokens;
    private readonly Stack<Context> contexts = new();
    private int position;
    private int line = 1;
    private int lineStart;
    private bool statementStart = true;

    private PythonTokenizer(CodeText source, PythonDialect dialect)
    {
        text = source.Text;
        this.dialect = dialect;
        tokens = new PythonTokens(source, [], [], [], []);
    }

    private enum Lexing
    {
        Bracket,

        /// <summary>The text of an f-string.</summary>
        Literal,

        /// <summary>An expression in braces within an f-string.</summary>
        Field,

        /// <summary>The format after the colon of a field.</summary>
        Format,
    }

    /// <param name="Open">The bracket, or the quote of an f-string.</param>
    private readonly record struct Context(Lexing Lexing, char Open, int Token, int Start, bool Triple = false);

    public static PythonTokens Read(CodeText source, PythonDialect dialect)
    {
        var tokenizer = new PythonTokenizer(source, dialect);
        tokenizer.Run();
        return tokenizer.tokens;
    }

    private char Current => Peek(0);

    private char Peek(int ahead) => position + ahead < text.Length ? text[position + ahead] : '\0';

    private void Run()
    {
        while (position < text.Length)
        {
            if (contexts.Count > MaxDepth)
            {
                Problem(position, "Brackets are nested more than 200 deep.", "Give parts of the expression names.");
                return;
            }

            if (contexts.TryPeek(out var context) && context.Lexing is Lexing.Literal or Lexing.Format)
                ReadLiteral(context);
            else
                ReadCode();
        }

        if (contexts.Count > 0)
        {
            var open = contexts.Last();
            Problem(open.Start, $"`{open.Open}` is never closed.", "Close it.");
        }

        EndStatement(text.Length, text.Length);
    }

    private void ReadCode()
    {
        var c = Current;
        if (c is '\n' or '\r')
        {
            if (contexts.Count == 0)
                EndStatement(position, position + 1);
            PassLineEnd();
        }
        else if (c is ' ' or '\t' or '\f' or '\uFEFF')
        {
            position++;
        }
        else if (c == '#')
        {
            ReadComment();
        }
        else if (c == '\\' && Peek(1) is '\n' or '\r')
        {
            position++;
            PassLineEnd();
        }
        else if (IsMagicStart(c))
        {
            ReadMagic();
        }
        else if (c is '"' or '\'')
        {
            ReadString(position);
        }
        else if (dialect == PythonDialect.R && ReadOfR(c))
        {
        }
        else if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
        {
            ReadNumber();
        }
        else if (IsNameStart(c))
        {
            ReadName();
        }
        else
        {
            ReadOperator(c);
        }
    }

    private void ReadComment()
    {
        var start = position;
        var end = text.AsSpan(position).IndexOfAny('\n', '\r');
        position = end < 0 ? text.Length : position + end;
        var standalone = text.AsSpan(lineStart, start - lineStart).IsWhiteSpace();
        tokens.Comments.Add(new SourceComment(text[(start + 1)..position].Trim(), start, line, standalone));
    }

    private void ReadName()
    {
        var start = position;
        while (position < text.Length && (IsNameStart(Current) || char.IsAsciiDigit(Current)))
            position++;
        if (Current is not ('"' or '\''))
            Add(PythonTokenKind.Name, start, line);
        else if (dialect == PythonDialect.R)
            ReadRawString(start);
        else if (position - start <= 2 && IsStringPrefix(text.AsSpan(start, position - start)))
            ReadString(start);
        else
            Add(PythonTokenKind.Name, start, line);
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c > '\u007F';

    private static bool IsStringPrefix(ReadOnlySpan<char> prefix)
    {
        foreach (var c in prefix)
        {
            if (!"rRbBuUfFtT".Contains(c))
                return false;
        }

        return true;
    }

    private void ReadNumber()
    {
        var start = position;
        var decimals = !(Current == '0' && Peek(1) is 'x' or 'X' or 'o' or 'O' or 'b' or 'B');
        while (position < text.Length && (char.IsAsciiLetterOrDigit(Current) || Current is '_' or '.'))
        {
            if (decimals && Current is 'e' or 'E' && Peek(1) is '+' or '-' && char.IsAsciiDigit(Peek(2)))
                position++;
            position++;
        }

        Add(PythonTokenKind.Number, start, line);
    }

    private void ReadOperator(char c)
    {
        var start = position;
        if (c == ';' && contexts.Count == 0)
        {
            position++;
            EndStatement(start, position);
            return;
        }

        if (contexts.TryPeek(out var context) && context.Lexing == Lexing.Field)
        {
            if (c is '}' or ':')
            {
                position++;
                contexts.Pop();
                if (c == ':')
                    contexts.Push(context with { Lexing = Lexing.Format });
                return;
            }
        }

        if (c is '(' or '[' or '{')
        {
            position++;
            Add(PythonTokenKind.Operator, start, line);
            contexts.Push(new Context(Lexing.Bracket, c, tokens.Code.Count - 1, start));
            return;
        }

        if (c is ')' or ']' or '}')
        {
            position++;
            Add(PythonTokenKind.Operator, start, line);
            Close(c, start);
            return;
        }

        var length = 1;
        foreach (var candidate in LongOperators)
        {
            if (text.AsSpan(position).StartsWith(candidate, StringComparison.Ordinal))
            {
                length = candidate.Length;
                break;
            }
        }

        position += length;
        Add(PythonTokenKind.Operator, start, line);
    }

    private void Close(char c, int start)
    {
        var open = c switch { ')' => '(', ']' => '[', _ => '{' };
        if (!contexts.TryPeek(out var context) || context.Lexing != Lexing.Bracket || context.Open != open)
        {
            Problem(start, $"`{c}` closes nothing.", "Remove it, or open the bracket.");
            return;
        }

        contexts.Pop();
        tokens.Partners[context.Token] = tokens.Code.Count - 1;
        tokens.Partners[^1] = context.Token;
    }

    private void PassLineEnd()
    {
        position += Current == '\r' && Peek(1) == '\n' ? 2 : 1;
        line++;
        lineStart = position;
    }

    private void EndStatement(int start, int end)
    {
        if (!statementStart)
        {
            tokens.Code.Add(new PythonToken(PythonTokenKind.NewLine, start, Math.Min(end, text.Length), line));
            tokens.Partners.Add(-1);
        }

        statementStart = true;
    }

    private void Add(PythonTokenKind kind, int start, int startLine)
    {
        tokens.Code.Add(new PythonToken(kind, start, position, startLine));
        tokens.Partners.Add(-1);
        statementStart = false;
    }

    private void Problem(int start, string message, string fix)
    {
        // What follows the first problem is seldom worth reading.
        if (tokens.Problems.Count == 0)
            tokens.Problems.Add(new PythonProblem(start, message, fix));
    }
}
