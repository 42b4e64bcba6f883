namespace Claimed.Components.Sources.Shell;

/// <summary>The words of commands: which variables the script sets by itself.</summary>
internal sealed partial class ShellScript
{
    /// <summary>Variables that the script itself has set before, and the order in which it did.</summary>
    private readonly HashSet<string> assigned = new(StringComparer.Ordinal);
    private readonly List<string> order = [];

    /// <summary>Variables set by the command at hand: <c>x="${x:-d}"</c> still reads the one from outside.</summary>
    private readonly List<string> pending = [];

    /// <summary>Variables of functions, and how many braces were open.</summary>
    private readonly Stack<(string Name, int Braces)> locals = new();
    private int braces;
    private Command command = Command.Begun(0);

    /// <summary>How far the command at hand was read.</summary>
    /// <param name="Pending">How many of the pending variables belong to commands around it.</param>
    private readonly record struct Command(int Pending)
    {
        /// <summary>Only assignments stand before.</summary>
        public bool AtStart { get; init; }

        /// <summary>Behind <c>x=</c>, up to the next blank.</summary>
        public bool InValue { get; init; }

        /// <summary>Each word may be an assignment: <c>export x=1 y=2</c>.</summary>
        public bool Declares { get; init; }

        /// <summary>Each word names a variable that is set: <c>read x y</c>.</summary>
        public bool SetsWords { get; init; }

        public bool IsInteger { get; init; }

        public bool IsLocal { get; init; }

        public static Command Begun(int pending) => new(pending) { AtStart = true };
    }

    /// <summary>Every variable that is set anywhere, or may be.</summary>
    public HashSet<string> Assigned { get; } = new(StringComparer.Ordinal);

    /// <summary>Other texts may set variables: <c>. ./settings.sh</c>, <c>eval "$x"</c>.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>A name at the start of a word.</summary>
    private void NameWord()
    {
        var start = position;
        var name = Name();
        wordStart = false;
        if (Current == '=' || (Current == '+' && Peek(1) == '=') || (Current == '[' && IsElement()))
        {
            if (!command.AtStart && !command.Declares)
                return;
            Assign(name);
            command = command with { InValue = true };
        }
        else if (!IsWordEnd(Current))
        {
            BeginWord();
        }
        else if (command.SetsWords)
        {
            if (!IsRedirection(start))
                Assign(name);
        }
        else if (command.AtStart)
        {
            CommandName(name);
        }
    }

    private void CommandName(string name)
    {
        switch (name)
        {
            case "if" or "then" or "else" or "elif" or "while" or "until" or "do" or "time":
                return;
            case "function":
                SkipBlanks();
                Name();
                return;
            case "case":
                contexts.Peek().Cases++;
                break;
            case "esac" when contexts.Peek().Cases > 0:
                contexts.Peek().Cases--;
                break;
            case "eval" or "source":
                IsOpen = true;
                break;
        }

        BeginWord();
        switch (name)
        {
            case "for" or "select":
                SkipBlanks();
                Assign(Name());
                wordStart = Current == '(';
                break;
            case "printf" when text.AsSpan(position).StartsWith(" -v "):
                position += 4;
                Assign(Name());
                break;
            case "read" or "getopts" or "mapfile" or "readarray":
                command = command with { SetsWords = true };
                break;
            case "declare" or "typeset" or "local":
                command = command with { Declares = true, SetsWords = true, IsInteger = HasIntegerOption(), IsLocal = name == "local" || braces > 0 };
                break;
            case "export" or "readonly" or "let":
                command = command with { Declares = true };
                break;
        }
    }

    /// <summary>A word that is no assignment: as the name of a command it keeps the assignments before it for that command alone.</summary>
    private void BeginWord()
    {
        wordStart = false;
        if (!command.AtStart || command.InValue)
            return;
        pending.RemoveRange(command.Pending, pending.Count - command.Pending);
        command = command with { AtStart = false };
    }

    private void EndCommand()
    {
        for (var i = command.Pending; i < pending.Count; i++)
        {
            if (assigned.Add(pending[i]))
                order.Add(pending[i]);
        }

        pending.RemoveRange(command.Pending, pending.Count - command.Pending);
        command = Command.Begun(command.Pending);
        wordStart = true;
    }

    private void Assign(string name)
    {
        if (name.Length == 0)
            return;
        Assigned.Add(name);
        if (command.IsLocal && braces > 0 && !assigned.Contains(name))
            locals.Push((name, braces));
        pending.Add(name);
    }

    private void Brace(char c)
    {
        position++;
        if (c == '{')
        {
            braces++;
            return;
        }

        EndCommand();
        BeginWord();
        braces = Math.Max(0, braces - 1);
        while (locals.TryPeek(out var local) && local.Braces > braces)
            assigned.Remove(locals.Pop().Name);
    }

    /// <summary>What a subshell sets is lost with it.</summary>
    private void Forget(int count)
    {
        for (var i = count; i < order.Count; i++)
            assigned.Remove(order[i]);
        if (order.Count > count)
            order.RemoveRange(count, order.Count - count);
    }

    /// <summary><c>a[0]=</c>.</summary>
    private bool IsElement()
    {
        var close = text.AsSpan(position, Math.Min(100, text.Length - position)).IndexOfAny("]\n");
        return close > 0 && text[position + close] == ']' && position + close + 1 < text.Length && text[position + close + 1] is '=' or '+';
    }

    private bool HasIntegerOption()
    {
        for (var i = position; i < text.Length && text[i] is ' ' or '\t';)
        {
            for (i++; i < text.Length && text[i] is ' ' or '\t';)
                i++;
            if (i >= text.Length || text[i] is not ('-' or '+'))
                return false;
            for (; i < text.Length && !char.IsWhiteSpace(text[i]); i++)
            {
                if (text[i] == 'i')
                    return true;
            }
        }

        return false;
    }

    /// <summary><c>read x &lt; file</c>.</summary>
    private bool IsRedirection(int start)
    {
        while (start > 0 && text[start - 1] is ' ' or '\t')
            start--;
        return start > 0 && text[start - 1] is '<' or '>';
    }

    private void SkipBlanks()
    {
        while (Current is ' ' or '\t')
            position++;
    }

    private string Name()
    {
        var start = position;
        while (IsNameStart(Current) || char.IsAsciiDigit(Current))
            position++;
        return text[start..position];
    }

    private static bool IsWordEnd(char c) => char.IsWhiteSpace(c) || c is '\0' or ';' or '&' or '|' or '(' or ')' or '<' or '>' or '`';
}
