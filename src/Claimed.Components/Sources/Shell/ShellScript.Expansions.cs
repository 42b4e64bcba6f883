namespace Claimed.Components.Sources.Shell;

/// <summary>What a dollar sign or backtick begins, and the documents that stand below their commands.</summary>
internal sealed partial class ShellScript
{
    private readonly Queue<(string Word, bool Expands, bool StripsTabs)> documents = new();
    private readonly Dictionary<string, int> uses = new(StringComparer.Ordinal);
    private int backticks;

    /// <summary>Where the text of the document at hand ends, and where its last line does.</summary>
    private int documentEnd = int.MaxValue;
    private int behindDocument;

    /// <summary>Each here-document, from its first line to the one that ends it.</summary>
    public List<(int Start, int End)> Documents { get; } = [];

    /// <summary>Variables that are used as <c>$x</c>, with the first place.</summary>
    public IReadOnlyDictionary<string, int> Uses => uses;

    /// <summary>True when an expansion or substitution begins here; what stands inside is read as any other text.</summary>
    private bool Expanding()
    {
        if (Current == '`')
        {
            Backtick();
            return true;
        }

        if (Current != '$')
            return false;
        if (Peek(1) == '(' && Peek(2) == '(')
            Enter(Lexing.Arithmetic, 3);
        else if (Peek(1) == '(')
            Enter(Lexing.Code, 2);
        else if (Peek(1) == '{')
            Expansion();
        else if (IsNameStart(Peek(1)))
            Use();
        else
            position += Peek(1) is '#' or '$' or '?' or '!' or '@' or '*' or '-' ? 2 : 1;
        return true;
    }

    private void Backtick()
    {
        if (backticks == 0)
        {
            Enter(Lexing.Backtick, 1);
            return;
        }

        // The next one closes it, whatever is open in between.
        while (contexts.Peek().Lexing != Lexing.Backtick)
            contexts.Pop();
        EndCommand();
        Leave();
    }

    private void Use()
    {
        var start = position++;
        uses.TryAdd(Name(), start);
    }

    private void Expansion()
    {
        var (start, isQuoted) = (position, contexts.Peek().Lexing is Lexing.Double or Lexing.Document or Lexing.QuotedWord);
        Enter(isQuoted ? Lexing.QuotedWord : Lexing.Word, 2);
        // `${#x}` and `${!x}`, but `${#}` and `${#:-1}` are about the number of arguments.
        if (Current is '#' or '!' && IsNameStart(Peek(1)))
            position++;
        if (!IsNameStart(Current))
        {
            if (Current is '#' or '$' or '?' or '!' or '@' or '*' or '-')
                position++;
            return;
        }

        var name = Name();
        var colon = Current == ':';
        var sign = colon ? Peek(1) : Current;
        if (sign is not ('-' or '=' or '?' or '+') || text[start + 2] is '#' or '!')
        {
            uses.TryAdd(name, start);
            PassPattern(sign);
            return;
        }

        position += colon ? 2 : 1;
        var word = ShellWord.Read(text.AsSpan(position), isQuoted);
        if (!assigned.Contains(name))
            Add(name, sign, word?.Value, start);
        if (word is { Length: var length } && position + length < documentEnd)
        {
            position += length;
            Leave();
        }
    }

    /// <summary>In the pattern of <c>${x#'}'}</c> single quotes count within double ones, too.</summary>
    private void PassPattern(char sign)
    {
        if (contexts.Peek().Lexing == Lexing.QuotedWord && sign is '#' or '%' or '/' or '^' or ',')
            contexts.Push(contexts.Pop() with { Lexing = Lexing.Word });
    }

    private void Add(string name, char sign, string? value, int start)
    {
        var type = command.IsInteger ? PortTypes.Integer : null;
        Reads.Add(sign switch
        {
            '?' => new ShellRead(name, DefaultKind.Absent, null, string.IsNullOrWhiteSpace(value) ? null : value, start, type, Insists: true),
            '+' => new ShellRead(name, DefaultKind.Nothing, null, null, start),
            _ when value is null => new ShellRead(name, DefaultKind.Computed, null, null, start, type),
            _ when value.Length == 0 => new ShellRead(name, DefaultKind.Nothing, null, null, start, type),
            _ => new ShellRead(name, DefaultKind.Literal, value, null, start, type),
        });
    }

    private void HereDocument()
    {
        position += 2;
        var strips = Current == '-';
        if (strips)
            position++;
        while (Current is ' ' or '\t')
            position++;
        var from = position;
        var expands = true;
        var word = new System.Text.StringBuilder();
        for (; position < text.Length && !char.IsWhiteSpace(Current) && Current is not (';' or '&' or '|' or ')' or '(' or '>' or '<' or '`'); position++)
        {
            if (Current is '"' or '\'' or '\\')
                expands = false;
            else
                word.Append(Current);
        }

        // In a document's own `$(…)` it would end where this text cannot say.
        if (position > from && documentEnd == int.MaxValue)
            documents.Enqueue((word.ToString(), expands, strips));
        wordStart = false;
    }

    /// <summary>At the beginning of a line: the documents that the line above has announced.</summary>
    private void PassDocuments()
    {
        while (documentEnd == int.MaxValue && documents.TryDequeue(out var document))
        {
            var start = position;
            var (end, behind) = (start, start);
            while (behind < text.Length)
            {
                end = behind;
                var newLine = text.IndexOf('\n', end);
                behind = newLine < 0 ? text.Length : newLine + 1;
                var line = text.AsSpan(end, (newLine < 0 ? text.Length : newLine) - end);
                if ((document.StripsTabs ? line.TrimStart('\t') : line).TrimEnd('\r').SequenceEqual(document.Word))
                    break;
                end = behind;
            }

            Documents.Add((start, behind));
            if (!document.Expands)
            {
                position = behind;
                continue;
            }

            (documentEnd, behindDocument) = (end, behind);
            contexts.Push(Opened(Lexing.Document, start));
            // One that is open around the document is not closed in it.
            backticks = 0;
        }
    }

    private void LeaveDocument()
    {
        while (contexts.Peek().Lexing != Lexing.Document)
            contexts.Pop();
        var document = contexts.Pop();
        (command, backticks) = (document.Around, document.Pending.Backticks);
        pending.RemoveRange(document.Pending.Variables, pending.Count - document.Pending.Variables);
        position = behindDocument;
        documentEnd = int.MaxValue;
        wordStart = true;
        PassDocuments();
    }
}
