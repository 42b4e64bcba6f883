namespace Claimed.Components.Sources.Shell;

/// <summary>A parameter expansion that asks for a value from outside.</summary>
/// <param name="Message">The text of <c>${x:?text}</c>.</param>
/// <param name="Type">That of <c>declare -i x=${x:-1}</c>.</param>
internal readonly record struct ShellRead(string Name, DefaultKind Kind, string? Default, string? Message, int Start, string? Type = null);

/// <summary>The comments and parameter expansions of a POSIX or bash script, found in one pass.</summary>
internal sealed class ShellScript
{
    private const int MaxDefault = 32 * 1024;

    private readonly CodeText source;
    private readonly string text;

    /// <summary>Variables that the script itself has set on an earlier line.</summary>
    private readonly HashSet<string> assigned = new(StringComparer.Ordinal);

    /// <summary>Variables set on this line: <c>x="${x:-d}"</c> still reads the one from outside.</summary>
    private readonly List<string> assignedHere = [];
    private readonly Queue<(string Word, bool Expands)> documents = new();
    private int position;
    private bool wordStart = true;
    private bool quoted;

    /// <summary>How many <c>((</c> are open: there <c>&lt;&lt;</c> shifts.</summary>
    private int arithmetic;

    /// <summary>Within <c>declare -i …</c>, up to the end of the command.</summary>
    private bool declaresInteger;

    private ShellScript(CodeText source)
    {
        this.source = source;
        text = source.Text;
    }

    public List<SourceComment> Comments { get; } = [];

    public List<ShellRead> Reads { get; } = [];

    public bool HasCode { get; private set; }

    public int FirstCodeLine { get; private set; } = int.MaxValue;

    private char Current => Peek(0);

    private char Peek(int ahead) => position + ahead < text.Length ? text[position + ahead] : '\0';

    public static ShellScript Read(CodeText source)
    {
        var script = new ShellScript(source);
        while (script.position < script.text.Length)
            script.Step();
        return script;
    }

    private void Step()
    {
        var c = Current;
        if (c == '\n')
        {
            position++;
            wordStart = true;
            if (quoted)
                return;
            declaresInteger = false;
            assigned.UnionWith(assignedHere);
            assignedHere.Clear();
            while (documents.TryDequeue(out var document))
                PassDocument(document.Word, document.Expands);
            return;
        }

        if (c == '#' && wordStart && !quoted)
        {
            Comment();
            return;
        }

        if (!char.IsWhiteSpace(c) && !HasCode)
        {
            HasCode = true;
            FirstCodeLine = source.LineAt(position);
        }

        switch (c)
        {
            case '\\':
                position += 2;
                wordStart = false;
                return;
            case '\'' when !quoted:
                var close = text.IndexOf('\'', position + 1);
                position = close < 0 ? text.Length : close + 1;
                wordStart = false;
                return;
            case '"':
                quoted = !quoted;
                position++;
                wordStart = false;
                return;
            case '$' when Peek(1) == '\'' && !quoted:
                PassEscapedText();
                return;
            case '(' when Peek(1) == '(':
                arithmetic++;
                position += 2;
                return;
            case ')' when Peek(1) == ')' && arithmetic > 0:
                arithmetic--;
                position += 2;
                return;
            case '$' when Peek(1) == '{':
                Expansion();
                wordStart = false;
                return;
            case '<' when !quoted && arithmetic == 0 && Peek(1) == '<' && Peek(2) != '<':
                HereDocument();
                return;
        }

        if (wordStart && !quoted && IsNameStart(c))
        {
            Word();
            return;
        }

        wordStart = char.IsWhiteSpace(c) || c is ';' or '&' or '|' or '(' or '`';
        if (c is ';' or '&' or '|')
            declaresInteger = false;
        position++;
    }

    /// <summary><c>$'it\'s'</c>: there a backslash keeps the quote.</summary>
    private void PassEscapedText()
    {
        for (position += 2; position < text.Length && Current != '\''; position++)
        {
            if (Current == '\\')
                position++;
        }

        position++;
        wordStart = false;
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

    /// <summary>A bare word: an assignment, or <c>for x</c>, <c>read x</c>.</summary>
    private void Word()
    {
        var name = Name();
        wordStart = false;
        if (Current == '=' || (Current == '+' && Peek(1) == '='))
        {
            assignedHere.Add(name);
        }
        else if (name is "for" or "select" && Current == ' ')
        {
            position++;
            assigned.Add(Name());
        }
        else if (name is "read" or "getopts" or "mapfile" or "readarray" && Current == ' ')
        {
            AssignWords();
        }
        else if (name is "declare" or "typeset" or "local" && Current == ' ')
        {
            position++;
            declaresInteger = text.AsSpan(position).StartsWith("-i ");
            var variable = Name();
            if (variable.Length > 0)
                assignedHere.Add(variable);
        }
    }

    /// <summary>The words up to the end of the command, without options: <c>read -r first rest</c>.</summary>
    private void AssignWords()
    {
        while (Current is ' ' or '\t')
        {
            var start = ++position;
            while (position < text.Length && !char.IsWhiteSpace(Current) && Current is not (';' or '&' or '|' or ')' or '<' or '>' or '"' or '\'' or '$'))
                position++;
            if (position > start && IsNameStart(text[start]))
                assigned.Add(text[start..position]);
        }
    }

    private string Name()
    {
        var start = position;
        while (IsNameStart(Current) || char.IsAsciiDigit(Current))
            position++;
        return text[start..position];
    }

    private void Expansion()
    {
        var start = position;
        position += 2;
        if (!IsNameStart(Current))
            return;
        var name = Name();
        var colon = Current == ':';
        var sign = colon ? Peek(1) : Current;
        if (sign is not ('-' or '=' or '?' or '+'))
            return;
        position += colon ? 2 : 1;
        var word = position;
        // What stands inside is read as any other text; only for the default its end must be known.
        var end = End(word);
        var isOwn = assigned.Contains(name);
        if (isOwn)
            return;
        var value = end < 0 ? null : Literal(text.AsSpan(word, end - word));
        var type = declaresInteger ? PortTypes.Integer : null;
        Reads.Add(sign switch
        {
            '?' => new ShellRead(name, DefaultKind.Absent, null, string.IsNullOrWhiteSpace(value) ? null : value, start, type),
            '+' => new ShellRead(name, DefaultKind.Nothing, null, null, start),
            _ when value is null => new ShellRead(name, DefaultKind.Computed, null, null, start, type),
            _ when value.Length == 0 => new ShellRead(name, DefaultKind.Nothing, null, null, start, type),
            _ => new ShellRead(name, DefaultKind.Literal, value, null, start, type),
        });
        if (value is not null)
            position = end + 1;
    }

    /// <summary>The brace that closes a literal word; -1 when the word holds an expansion or is never closed.</summary>
    private int End(int from)
    {
        var end = text.AsSpan(from, Math.Min(MaxDefault, text.Length - from)).IndexOfAny("}$`");
        if (end < 0 || text[from + end] != '}')
            return -1;
        return from + end;
    }

    private static string? Literal(ReadOnlySpan<char> word)
    {
        if (word.Length >= 2 && word[0] == word[^1] && word[0] is '"' or '\'')
            word = word[1..^1];
        return word.IndexOfAny("\"'\\\n") >= 0 ? null : word.ToString();
    }

    private void HereDocument()
    {
        position += 2;
        if (Current == '-')
            position++;
        while (Current is ' ' or '\t')
            position++;
        var expands = Current is not ('"' or '\'' or '\\');
        if (!expands)
            position++;
        var from = position;
        while (position < text.Length && !char.IsWhiteSpace(Current) && Current is not ('"' or '\'' or ';' or '&' or '|' or ')' or '>' or '<'))
            position++;
        var word = text[from..position];
        if (word.Length > 0)
            documents.Enqueue((word, expands));
        if (!expands && Current is '"' or '\'')
            position++;
        wordStart = false;
    }

    private void PassDocument(string word, bool expands)
    {
        while (position < text.Length)
        {
            var end = text.IndexOf('\n', position);
            end = end < 0 ? text.Length : end;
            var isLast = text.AsSpan(position, end - position).Trim().SequenceEqual(word);
            while (expands && !isLast && position < end)
            {
                var next = text.IndexOf("${", position, end - position, StringComparison.Ordinal);
                if (next < 0)
                    break;
                position = next;
                Expansion();
            }

            position = Math.Min(Math.Max(position, end) + 1, text.Length);
            if (isLast)
                return;
        }
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';
}
