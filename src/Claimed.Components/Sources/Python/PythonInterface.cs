using System.Text.Json;

namespace Claimed.Components.Sources.Python;

/// <summary>Finds the reads and assignments of environment variables in one script or cell.</summary>
internal sealed partial class PythonInterface
{
    private readonly PythonTokens tokens;
    private readonly PythonNames names;
    private readonly SourceComments comments;
    private readonly ComponentDraft draft;
    private readonly bool[] copes;
    private readonly HashSet<string> setInCopies = new(StringComparer.Ordinal);
    private readonly List<Found> found = [];
    private int statementStart;
    private int statementEnd;
    private int lastAssignment;

    private PythonInterface(PythonTokens tokens, PythonNames names, SourceComments comments, ComponentDraft draft)
    {
        this.tokens = tokens;
        this.names = names;
        this.comments = comments;
        this.draft = draft;
        copes = PythonSuite.CopesWithout(tokens);
    }

    /// <summary>A read or assignment before its comment is known.</summary>
    /// <param name="First">Its first token.</param>
    /// <param name="Last">Its last token.</param>
    private readonly record struct Found(string Name, bool IsRead, string? Type, DefaultKind Kind, string? Default, int First, int Last);

    public static void Read(PythonTokens tokens, PythonNames names, SourceComments comments, ComponentDraft draft)
    {
        var reader = new PythonInterface(tokens, names, comments, draft);
        for (var i = 0; i < tokens.Code.Count; i = reader.statementEnd + 1)
            reader.Statement(i);
    }

    private void Statement(int start)
    {
        statementStart = start;
        lastAssignment = -1;
        statementEnd = start;
        for (; statementEnd < tokens.Code.Count && !tokens.Is(statementEnd, PythonTokenKind.NewLine); statementEnd++)
        {
            if (tokens.IsOperator(statementEnd, "="))
                lastAssignment = statementEnd;
            else if (tokens.Partners[statementEnd] > statementEnd)
                statementEnd = tokens.Partners[statementEnd];
        }

        statementEnd = Math.Min(statementEnd, tokens.Code.Count - 1);
        found.Clear();
        for (var i = start; i <= statementEnd; i++)
            Look(i);
        foreach (var one in found)
            Report(one);
    }

    private void Look(int index)
    {
        if (tokens.Code[index].Kind == PythonTokenKind.Name)
        {
            var call = names.GetterCall(tokens, index);
            if (call >= 0)
            {
                Call(index, call);
                return;
            }

            var behind = names.Environment(tokens, index);
            if (names.IsGetterHandedOn(tokens, index))
                NameUnknown(index);
            else if (behind >= 0 && tokens.IsOperator(behind, "["))
                Subscript(index, behind);
            else if (behind >= 0 && tokens.IsName(index - 1, "in"))
                Membership(index, behind);
            else if (behind >= 0 && (tokens.IsOperator(behind, "|=") || (tokens.IsOperator(behind, ".") && tokens.IsName(behind + 1, "update"))) && !names.IsCopy(tokens, index, behind))
                Update(index, tokens.IsOperator(behind, "|=") ? behind + 1 : behind + 2);
        }
    }

    private void Call(int index, int open)
    {
        var close = tokens.Partners[open];
        if (close < 0)
            return;
        var (key, value) = PythonArguments.Split(tokens, open, close);
        if (Name(key, index) is not { } name)
            return;
        var method = tokens.Text(open - 1);
        // A call for its effect: pop() removes, setdefault() sets.
        if (method is "pop" && index == statementStart && close >= statementEnd - 1)
            return;
        if (method is "setdefault" && ProcessVariables.IsSet(name))
        {
            found.Add(new Found(name, IsRead: false, null, DefaultKind.Absent, null, index, close));
            return;
        }

        var conversion = PythonConversion.Around(tokens, names, statementStart, index, close);
        var (kind, literal) = value.Length > 0 ? Default(value, name, index) : OrElse(close + 1, name);
        Add(name, conversion, kind, literal, index, close);
    }

    /// <summary><c>os.environ.get('x') or 'd'</c>.</summary>
    /// <param name="name">The variable, when a default that cannot be read is to be reported.</param>
    private (DefaultKind, PythonValue?) OrElse(int index, string? name = null)
    {
        if (!tokens.IsName(index, "or"))
            return (DefaultKind.Absent, null);
        var end = index + 1;
        while (end < tokens.Code.Count && tokens.Code[end].Kind is PythonTokenKind.String or PythonTokenKind.Number
            || (end == index + 1 && tokens.Is(end, PythonTokenKind.Name)))
        {
            end++;
        }

        var value = PythonExpression.Evaluate(tokens, index + 1, end);
        var complete = end >= tokens.Code.Count || tokens.Is(end, PythonTokenKind.NewLine)
            || (tokens.Is(end, PythonTokenKind.Operator) && tokens.Text(end) is ")" or "," or "]" or "}");
        if (value is not null && complete)
            return value is PythonValue.Nothing ? (DefaultKind.Nothing, null) : (DefaultKind.Literal, value);
        // Where another variable is read there, its own default is told.
        if (name is not null && names.Environment(tokens, index + 1) < 0 && names.GetterCall(tokens, index + 1) < 0)
            NotLiteral(name, index + 1);
        return (DefaultKind.Computed, null);
    }

    private void NotLiteral(string name, int index) => draft.Warning("default-not-literal", tokens.At(Math.Min(index, tokens.Code.Count - 1)),
        $"The default of {name} is an expression that only the source can evaluate, so clients show none.",
        "Write a literal: text, number, True, False, None, or arithmetic of numbers.");

    private (DefaultKind, PythonValue?) Default(PythonRange range, string name, int index)
    {
        switch (PythonExpression.Evaluate(tokens, range.Start, range.End))
        {
            case PythonValue.Nothing:
                var (kind, otherwise) = OrElse(range.End + 1, name);
                return kind == DefaultKind.Absent ? (DefaultKind.Nothing, null) : (kind, otherwise);
            case { } value:
                return (DefaultKind.Literal, value);
            default:
                NotLiteral(name, range.Start);
                return (DefaultKind.Computed, null);
        }
    }

    private void Subscript(int index, int open)
    {
        var close = tokens.Partners[open];
        if (close < 0)
            return;
        var isWrite = index < lastAssignment && IsTarget(index, close);
        if (tokens.IsName(index - 1, "del"))
            return;
        if (isWrite)
        {
            if (Literal(new PythonRange(open + 1, close)) is not { } output)
            {
                OutputUnknown(index);
            }
            else if (names.IsCopy(tokens, index, open))
            {
                setInCopies.Add(output);
            }
            else
            {
                found.Add(new Found(output, IsRead: false, null, DefaultKind.Absent, null, index, close));
            }

            return;
        }

        if (Name(new PythonRange(open + 1, close), index) is not { } name || (setInCopies.Contains(name) && names.IsCopy(tokens, index, open)))
            return;
        var (kind, value) = OrElse(close + 1);
        // `or` behind a subscript does not help: without the variable the subscript itself fails.
        if (kind == DefaultKind.Literal || kind == DefaultKind.Computed)
            (kind, value) = (DefaultKind.Absent, null);
        // Neither does it need one where a handler goes on without.
        if (kind == DefaultKind.Absent && copes[index])
            kind = DefaultKind.Nothing;
        Add(name, PythonConversion.Around(tokens, names, statementStart, index, close), kind, value, index, close);
    }

    /// <summary>True for a subscript that stands, outside all brackets, left of the statement's last <c>=</c>.</summary>
    private bool IsTarget(int index, int close)
    {
        if (!(tokens.Is(close + 1, PythonTokenKind.Operator) && tokens.Text(close + 1) is "=" or "," or ":"))
            return false;
        // Look() goes into brackets too; walk back to see whether one is open.
        for (var i = index - 1; i >= statementStart && index - i < 64; i--)
        {
            if (tokens.Partners[i] > index)
                return false;
            if (tokens.Partners[i] >= 0 && tokens.Partners[i] < i)
                i = tokens.Partners[i];
        }

        return true;
    }

    /// <summary><c>'x' in os.environ</c>, <c>'x' not in os.environ</c>: the source copes without it, unless it then ends.</summary>
    private void Membership(int index, int behind)
    {
        var key = tokens.IsName(index - 2, "not") ? index - 3 : index - 2;
        if (!tokens.Is(key, PythonTokenKind.String) || PythonString.Value(tokens.Text(key)) is not { } name)
            return;
        var ends = tokens.IsName(statementStart, "assert") || PythonSuite.EndsTheProgram(tokens, statementStart);
        found.Add(new Found(name, IsRead: true, null, ends ? DefaultKind.Absent : DefaultKind.Nothing, null, key, behind - 1));
    }

    private string? Name(PythonRange range, int index)
    {
        var name = Literal(range);
        if (name is null)
            NameUnknown(index);
        return name;
    }

    private void NameUnknown(int index) => draft.Warning("input-name-computed", tokens.At(index),
        "The name of this environment variable is computed, so it is no input.", "Read it under a literal name, such as os.environ.get('path'), for each input.");

    private string? Literal(PythonRange range) =>
        range.Length > 0 && PythonExpression.Evaluate(tokens, range.Start, range.End) is PythonValue.Text text ? text.Value : null;

    private void Add(string name, PythonConversion conversion, DefaultKind kind, PythonValue? value, int first, int last)
    {
        var text = value?.AsText();
        var type = conversion.Type;
        if (conversion.IsJson)
            type = text is not null && DefaultText.JsonKind(text) == JsonValueKind.Array ? PortTypes.JsonArray : conversion.Annotated ?? PortTypes.JsonObject;
        if ((conversion.IsLiteral && !DefaultText.MayBe(type!, text)) || (conversion.IsCompared && !DefaultText.MayBe(PortTypes.Boolean, text)))
            type = null;
        type ??= conversion.Annotated;
        if (kind == DefaultKind.Absent && (conversion.MayBeNone || conversion.AsksWhether))
            kind = DefaultKind.Nothing;
        if (type is null && value is PythonValue.Whole or PythonValue.Real or PythonValue.Truth)
        {
            draft.Suggestion("default-without-conversion", tokens.At(first),
                $"The default of {name} is no text, but a value from outside is: nothing converts it.", "Convert it, as in int(os.environ.get('n', '10')).");
        }

        if (conversion.IsPlainBool && kind != DefaultKind.Absent)
        {
            draft.Warning("bool-of-text", tokens.At(first), $"bool() makes every text but the empty one True, so {name} cannot be switched off with the text False.",
                $"Compare instead: os.environ.get('{name}', 'False') == 'True'.");
        }

        found.Add(new Found(name, IsRead: true, type, kind, text, first, last));
    }

    private void Report(Found one)
    {
        var description = Description(one);
        var at = tokens.At(one.First);
        if (one.IsRead)
            draft.Read(new EnvironmentRead(one.Name, one.Type, one.Kind, one.Default, description, at));
        else
            draft.Write(new EnvironmentWrite(one.Name, description, at));
    }

    /// <summary>The comment next to the read itself; failing that, the one of its statement.</summary>
    private string? Description(Found one)
    {
        var first = tokens.Code[one.First].Line;
        var last = tokens.Code[one.Last].Line;
        var start = tokens.Code[statementStart].Line;
        return (first > start ? comments.Above(first) ?? comments.Behind(last) ?? comments.Behind(first) : null)
            ?? comments.Above(start)
            ?? comments.Behind(last)
            ?? comments.Behind(start)
            ?? comments.Behind(tokens.Code[statementEnd].Line);
    }
}
