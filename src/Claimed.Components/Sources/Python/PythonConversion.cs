namespace Claimed.Components.Sources.Python;

/// <summary>What the code around a read says about the type.</summary>
/// <param name="Type">By a conversion or comparison; null when there is none.</param>
/// <param name="Annotated">By an annotation: <c>x: int = …</c>.</param>
/// <param name="MayBeNone">The annotation allows None.</param>
/// <param name="IsJson">Parsed as JSON: the default says whether an object or an array.</param>
/// <param name="IsLiteral">Parsed as a literal of Python, which JSON is only sometimes.</param>
/// <param name="IsPlainBool"><c>bool(…)</c> of the text itself.</param>
/// <param name="IsCompared">The type comes of a comparison with words such as yes and no, which may be some of several.</param>
/// <param name="AsksWhether">The code asks whether there is a value, and goes on without one.</param>
internal readonly record struct PythonConversion(
    string? Type, string? Annotated, bool MayBeNone, bool IsJson, bool IsLiteral, bool IsPlainBool, bool IsCompared, bool AsksWhether)
{
    private const int MaxAnnotation = 24;

    /// <param name="first">The first token of the read.</param>
    /// <param name="last">The last token of the read.</param>
    public static PythonConversion Around(PythonTokens tokens, PythonNames names, int statementStart, int first, int last)
    {
        var compared = IsComparedWithTruth(tokens, last + 1) || (IsEquality(tokens, first - 1) && IsTruthWord(tokens, first - 2));
        var (function, outside) = Call(tokens, first);
        if (function is not null && !IsWholeArgument(tokens, last, mayFollow: function != "int"))
            (function, outside) = (null, first);
        var type = function is null ? null : names.Conversion(function);
        // json.loads(str(os.environ.get('x'))): what str() and its like get is a text still.
        for (var hops = 0; function is not null && type is null && hops < 4 && function is "str" or "Path" or "os.path.expanduser"; hops++)
        {
            (function, outside) = Call(tokens, outside);
            type = function is null ? null : names.Conversion(function);
        }

        var (annotated, mayBeNone) = Annotation(tokens, statementStart, function is null ? first : outside);
        var isLiteral = type == PythonNames.LiteralConversion;
        var isJson = isLiteral || type == PortTypes.JsonObject;
        return new PythonConversion(
            compared ? PortTypes.Boolean : isLiteral ? PortTypes.JsonObject : type,
            annotated,
            mayBeNone,
            isJson && !compared,
            isLiteral && !compared,
            IsPlainBool: !compared && function == "bool" && tokens.IsOperator(last + 1, ")"),
            compared,
            AsksWhether: Asks(tokens, first, last) && !tokens.IsName(statementStart, "assert") && !PythonSuite.EndsTheProgram(tokens, statementStart));
    }

    /// <summary><c>if os.environ.get('x'):</c>, <c>os.environ.get('x') is None</c>, <c>… == ''</c>.</summary>
    private static bool Asks(PythonTokens tokens, int first, int last)
    {
        if (tokens.IsName(last + 1, "is"))
            return tokens.IsName(tokens.IsName(last + 2, "not") ? last + 3 : last + 2, "None");
        if (IsEquality(tokens, last + 1))
            return tokens.IsName(last + 2, "None") || (tokens.Is(last + 2, PythonTokenKind.String) && tokens.Text(last + 2).Length == 2);
        var before = tokens.IsName(first - 1, "not") ? first - 2 : first - 1;
        return tokens.Text(before) is "if" or "elif" or "while" && (tokens.IsOperator(last + 1, ":") || tokens.Text(last + 1) is "else" or "and" or "or");
    }

    /// <summary>What follows the read keeps it the text that is converted: <c>.strip()</c> does, <c>.split(',')[0]</c> does not.</summary>
    /// <param name="mayFollow">Another argument may follow; that of <c>int(x, 16)</c> makes other digits.</param>
    private static bool IsWholeArgument(PythonTokens tokens, int last, bool mayFollow)
    {
        var index = last + 1;
        while (tokens.IsOperator(index, ".") && tokens.IsOperator(index + 2, "(") && tokens.Partners[index + 2] > index
            && tokens.Text(index + 1) is "strip" or "lstrip" or "rstrip" or "lower" or "upper" or "replace" or "casefold" or "title" or "capitalize")
        {
            index = tokens.Partners[index + 2] + 1;
        }

        return tokens.IsOperator(index, ")") || (mayFollow && tokens.IsOperator(index, ",")) || IsEquality(tokens, index)
            || tokens.Text(index) is "or" or "and" or "if" or "else" or "in" or "not" or "is";
    }

    private static bool IsEquality(PythonTokens tokens, int index) => tokens.IsOperator(index, "==") || tokens.IsOperator(index, "!=");

    /// <summary>The function whose first argument begins at <paramref name="index"/>, dots included, and its first token.</summary>
    private static (string? Function, int First) Call(PythonTokens tokens, int index)
    {
        var open = index - 1;
        if (!tokens.IsOperator(open, "(") || !tokens.Is(open - 1, PythonTokenKind.Name))
            return (null, index);
        var first = open - 1;
        while (first >= 2 && open - first < 8 && tokens.IsOperator(first - 1, ".") && tokens.Is(first - 2, PythonTokenKind.Name))
            first -= 2;
        var text = tokens.Source.Text.AsSpan(tokens.Code[first].Start, tokens.Code[open].Start - tokens.Code[first].Start);
        return text.Length > 100 ? (null, index) : (text.ToString().Replace(" ", ""), first);
    }

    /// <summary><c>== 'True'</c>, <c>.lower() == 'true'</c>, <c>in ('true', '1')</c>.</summary>
    private static bool IsComparedWithTruth(PythonTokens tokens, int index)
    {
        while (tokens.IsOperator(index, ".") && tokens.Text(index + 1) is "lower" or "upper" or "strip" or "casefold" or "title" or "capitalize"
            && tokens.IsOperator(index + 2, "(") && tokens.IsOperator(index + 3, ")"))
        {
            index += 4;
        }

        if (IsEquality(tokens, index))
            return IsTruthWord(tokens, index + 1);
        if (tokens.IsName(index, "not"))
            index++;
        var open = index + 1;
        if (!tokens.IsName(index, "in") || !tokens.Is(open, PythonTokenKind.Operator) || tokens.Text(open) is not ("(" or "[" or "{") || tokens.Partners[open] - open is < 2 or > 40)
            return false;
        for (var i = open + 1; i < tokens.Partners[open]; i++)
        {
            if (!IsTruthWord(tokens, i) && !tokens.IsOperator(i, ","))
                return false;
        }

        return true;
    }

    private static bool IsTruthWord(PythonTokens tokens, int index) =>
        tokens.IsName(index, "True") || tokens.IsName(index, "False")
        || (tokens.Is(index, PythonTokenKind.String) && tokens.Text(index).Length < 12
            && PythonString.Value(tokens.Text(index))?.ToLowerInvariant() is "true" or "false" or "yes" or "no" or "on" or "off" or "1" or "0" or "y" or "t");

    /// <summary>The annotation of <c>name: type = value</c> where the value begins at <paramref name="index"/>.</summary>
    private static (string? Type, bool MayBeNone) Annotation(PythonTokens tokens, int statementStart, int index)
    {
        if (!tokens.IsOperator(index - 1, "="))
            return (null, false);
        var colon = index - 2;
        while (colon > statementStart && index - colon < MaxAnnotation && !tokens.IsOperator(colon, ":")
            && !(tokens.Is(colon, PythonTokenKind.Operator) && tokens.Text(colon) is "=" or "("))
        {
            colon--;
        }

        if (colon <= statementStart || !tokens.IsOperator(colon, ":") || !tokens.Is(colon - 1, PythonTokenKind.Name) || colon + 1 >= index - 1)
            return (null, false);
        var names = new List<string>();
        for (var i = colon + 1; i < index - 1; i++)
        {
            if (tokens.Is(i, PythonTokenKind.Name))
                names.Add(tokens.Text(i).ToString());
            else if (tokens.Is(i, PythonTokenKind.String) && tokens.Text(i).Length < 100)
                names.AddRange((PythonString.Value(tokens.Text(i)) ?? "").Split(['[', ']', '|', ' ', ',', '.'], StringSplitOptions.RemoveEmptyEntries));
        }

        var mayBeNone = names.Contains("Optional") || names.Contains("None");
        var type = names.FirstOrDefault(name => name is not ("Optional" or "None" or "typing" or "Union" or "Final" or "Annotated")) switch
        {
            "int" => PortTypes.Integer,
            "float" => PortTypes.Float,
            "bool" => PortTypes.Boolean,
            "str" => PortTypes.String,
            "dict" or "Dict" or "Mapping" => PortTypes.JsonObject,
            "list" or "List" or "Sequence" => PortTypes.JsonArray,
            _ => null,
        };
        return (type, mayBeNone);
    }
}
