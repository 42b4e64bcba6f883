namespace Claimed.Components.Sources.Shell;

/// <summary>What is open at a place: quotes, expansions, substitutions, documents.</summary>
internal sealed partial class ShellScript
{
    private enum Lexing
    {
        /// <summary>Commands: the script itself, <c>(…)</c> and <c>$(…)</c>.</summary>
        Code,
        Backtick,
        Double,

        /// <summary>The word of <c>${x:-word}</c>, not within double quotes.</summary>
        Word,

        /// <summary>The same within double quotes, where <c>'</c> is an ordinary character.</summary>
        QuotedWord,

        /// <summary>There <c>&lt;&lt;</c> shifts, and <c>#</c> begins no comment.</summary>
        Arithmetic,

        /// <summary>The text of a here-document in which expansions count.</summary>
        Document,
    }

    /// <param name="Assigned">How many variables were set when it began.</param>
    /// <param name="Around">The command that goes on behind it.</param>
    private sealed record Context(Lexing Lexing, int Start, int Assigned, Command Around)
    {
        /// <summary>How many variables of commands around it were pending, and how many backticks open outside of a document.</summary>
        public (int Variables, int Backticks) Pending { get; init; }

        /// <summary>How many <c>case</c> are open: there <c>a)</c> closes nothing.</summary>
        public int Cases { get; set; }
    }

    /// <summary>True when a quotation begins here; single ones are passed at once.</summary>
    private bool Quote(char c)
    {
        if (c == '"')
        {
            Enter(Lexing.Double, 1);
            return true;
        }

        if (c != '\'' && !(c == '$' && Peek(1) == '\''))
            return false;
        var start = position;
        var escapes = c == '$';
        // `$'it\'s'`: there a backslash keeps the quote.
        for (position += escapes ? 2 : 1; position < text.Length && Current != '\''; position++)
        {
            if (escapes && Current == '\\')
                position++;
        }

        if (position >= text.Length)
            Problem(start, "A string is never closed.", "Close it with '.");
        position = Math.Min(position + 1, text.Length);
        return true;
    }

    /// <summary>One character, or two with a backslash.</summary>
    private void Pass() => position = Math.Min(position + (Current == '\\' ? 2 : 1), text.Length);

    private void Enter(Lexing lexing, int width)
    {
        contexts.Push(Opened(lexing, position));
        position += width;
        if (lexing is Lexing.Code or Lexing.Backtick)
            (wordStart, command) = (true, Command.Begun(pending.Count));
        if (lexing == Lexing.Backtick)
            backticks++;
    }

    private Context Opened(Lexing lexing, int start) => new(lexing, start, order.Count, command) { Pending = (pending.Count, backticks) };

    private void Leave()
    {
        var context = contexts.Pop();
        position++;
        if (context.Lexing == Lexing.Backtick)
            backticks--;
        if (context.Lexing is Lexing.Code or Lexing.Backtick)
        {
            Forget(context.Assigned);
            pending.RemoveRange(context.Pending.Variables, pending.Count - context.Pending.Variables);
            command = context.Around;
        }

        wordStart = false;
    }

    private void ReportOpen()
    {
        foreach (var context in contexts.Reverse().Skip(1))
        {
            var sign = context.Lexing switch { Lexing.Double => "\"", Lexing.Backtick => "`", Lexing.Word or Lexing.QuotedWord => "${", _ => text[context.Start] == '$' ? "$(" : "(" };
            if (context.Lexing == Lexing.Double)
                Problem(context.Start, "A string is never closed.", "Close it with \".");
            else
                Problem(context.Start, $"`{sign}` is never closed.", "Close it.");
        }
    }

    private void Problem(int start, string message, string fix)
    {
        // What follows the first problem is seldom worth reading.
        if (Problems.Count == 0)
            Problems.Add(new ShellProblem(start, message, fix));
    }
}
