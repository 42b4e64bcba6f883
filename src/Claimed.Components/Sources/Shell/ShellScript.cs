namespace Claimed.Components.Sources.Shell;

/// <summary>A parameter expansion that asks for a value from outside.</summary>
/// <param name="Message">The text of <c>${x:?text}</c>.</param>
/// <param name="Type">That of <c>declare -i x=${x:-1}</c>.</param>
/// <param name="Insists"><c>${x:?}</c>: without a value the script ends.</param>
internal readonly record struct ShellRead(string Name, DefaultKind Kind, string? Default, string? Message, int Start, string? Type = null, bool Insists = false);

/// <summary>What keeps the shell itself from reading the text.</summary>
internal readonly record struct ShellProblem(int Start, string Message, string Fix);

/// <summary>The comments and parameter expansions of a POSIX or bash script, found in one pass and without recursion.</summary>
internal sealed partial class ShellScript
{
    private readonly CodeText source;
    private readonly string text;
    private readonly Stack<Context> contexts = new();
    private int position;
    private bool wordStart = true;

    private ShellScript(CodeText source)
    {
        this.source = source;
        text = source.Text;
        contexts.Push(new Context(Lexing.Code, 0, 0, default));
    }

    public List<SourceComment> Comments { get; } = [];

    public List<ShellRead> Reads { get; } = [];

    public List<ShellProblem> Problems { get; } = [];

    public bool HasCode { get; private set; }

    public int FirstCodeLine { get; private set; } = int.MaxValue;

    private char Current => Peek(0);

    private char Peek(int ahead) => position + ahead < text.Length ? text[position + ahead] : '\0';

    public static ShellScript Read(CodeText source)
    {
        var script = new ShellScript(source);
        while (script.position < script.text.Length || script.documentEnd < int.MaxValue)
            script.Step();
        script.EndCommand();
        script.ReportOpen();
        return script;
    }

    private void Step()
    {
        if (position >= documentEnd)
        {
            LeaveDocument();
            return;
        }

        switch (contexts.Peek().Lexing)
        {
            case Lexing.Code or Lexing.Backtick:
                Code();
                break;
            case Lexing.Arithmetic:
                Arithmetic();
                break;
            case Lexing.Double:
                if (Current == '"')
                    Leave();
                else if (!Expanding())
                    Pass();
                break;
            case Lexing.Document:
                if (!Expanding())
                    Pass();
                break;
            default:
                Word(contexts.Peek().Lexing == Lexing.QuotedWord);
                break;
        }
    }

    private void Code()
    {
        var c = Current;
        if (c == '\n')
        {
            position++;
            EndCommand();
            PassDocuments();
            return;
        }

        if (c == '#' && wordStart)
        {
            Comment();
            return;
        }

        if (!char.IsWhiteSpace(c) && !HasCode)
        {
            HasCode = true;
            FirstCodeLine = source.LineAt(position);
        }

        if (wordStart && IsNameStart(c))
        {
            NameWord();
            return;
        }

        // `export $(cat settings)`
        IsOpen |= command.Declares && wordStart && c is '$' or '`';
        if (c is '"' or '\'' or '$' or '`')
        {
            BeginWord();
            if (!Quote(c))
                Expanding();
            return;
        }

        Sign(c);
    }

    /// <summary>An operator, or a character of a word.</summary>
    private void Sign(char c)
    {
        switch (c)
        {
            case '\\':
                Pass();
                BeginWord();
                break;
            case '(' when Peek(1) == '(' && wordStart:
                Enter(Lexing.Arithmetic, 2);
                break;
            case '(':
                Enter(Lexing.Code, 1);
                break;
            case ')':
                CloseParenthesis();
                break;
            case '<' when Peek(1) == '<' && Peek(2) == '<':
                position += 3;
                wordStart = true;
                break;
            case '<' when Peek(1) == '<':
                HereDocument();
                break;
            case ';' or '&' or '|':
                // `2>&1` and `>|` end nothing.
                if (c == ';' || position == 0 || text[position - 1] is not ('>' or '<'))
                    EndCommand();
                position++;
                break;
            case '.' when wordStart && command.AtStart && Peek(1) is ' ' or '\t':
                IsOpen = true;
                BeginWord();
                position++;
                break;
            case '{' or '}' when wordStart && command.AtStart && (char.IsWhiteSpace(Peek(1)) || Peek(1) is '\0' or ';' or ')' or '|' or '&'):
                Brace(c);
                break;
            default:
                position++;
                if (char.IsWhiteSpace(c) || c is '<' or '>')
                    (wordStart, command) = (true, command with { InValue = false });
                else if (!(c == '!' && wordStart))
                    BeginWord();
                break;
        }
    }

    private void CloseParenthesis()
    {
        position++;
        var context = contexts.Peek();
        if (context.Cases == 0 && contexts.Count > 1 && context.Lexing == Lexing.Code)
        {
            EndCommand();
            position--;
            var isEmpty = text[context.Start] == '(' && text.AsSpan(context.Start + 1, position - context.Start - 1).IsWhiteSpace();
            Leave();
            // Behind `f()` stands its body.
            if (isEmpty)
                EndCommand();
            return;
        }

        EndCommand();
    }

    private void Arithmetic()
    {
        if (Current == '(')
        {
            Enter(Lexing.Code, 1);
            // Names there are variables, not commands.
            (wordStart, command) = (false, command with { AtStart = false });
        }
        else if (Current == ')' && Peek(1) == ')')
        {
            position++;
            Leave();
        }
        else if (Current == ')')
        {
            // It was `( (a) | b )` without the blank: the outer parenthesis is still open.
            var was = contexts.Pop();
            contexts.Push(was with { Lexing = Lexing.Code });
            position++;
            EndCommand();
        }
        else if (IsNameStart(Current))
        {
            // Which of them are set is not looked at.
            Assigned.Add(Name());
        }
        else if (!(Current == '"' && Quote('"')) && !Expanding())
        {
            Pass();
        }
    }

    private void Word(bool isQuoted)
    {
        if (Current == '}')
            Leave();
        else if (!((Current == '"' || !isQuoted) && Quote(Current)) && !Expanding())
            Pass();
    }

    private void Comment()
    {
        var start = position;
        var end = text.IndexOf('\n', position);
        position = end < 0 ? text.Length : end;
        var line = source.LineAt(start);
        var standalone = start == 0 || text.AsSpan(text.LastIndexOf('\n', start - 1) + 1, start - text.LastIndexOf('\n', start - 1) - 1).IsWhiteSpace();
        Comments.Add(new SourceComment(text[(start + 1)..position].Trim(), start, line, standalone));
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';
}
