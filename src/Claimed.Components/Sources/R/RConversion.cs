using Claimed.Components.Sources.Python;

namespace Claimed.Components.Sources.R;

/// <summary>What the code around a read says about it.</summary>
/// <param name="Type">By a conversion or comparison; null when there is none.</param>
/// <param name="IsCompared">By a comparison with words such as yes and no, which may be some of several.</param>
/// <param name="AsksWhether">The code asks whether there is a value, and goes on without one.</param>
internal readonly record struct RConversion(string? Type, bool IsCompared, bool AsksWhether)
{
    private const int MaxHops = 4;
    private const int MaxBody = 200;

    /// <param name="first">The first token of the read.</param>
    /// <param name="last">The last token of the read.</param>
    public static RConversion Around(PythonTokens tokens, int first, int last)
    {
        for (var hop = 0; hop < MaxHops; hop++)
        {
            if (Compares(tokens, first, last, IsTruthWord))
                return new RConversion(PortTypes.Boolean, IsCompared: true, AsksWhether: false);
            if (Compares(tokens, first, last, IsEmptyText))
                return new RConversion(null, IsCompared: false, AsksWhether: !EndsWithout(tokens, first));
            var (function, start, end) = Call(tokens, first, last);
            if (function is "nzchar")
                return new RConversion(null, IsCompared: false, AsksWhether: !EndsWithout(tokens, start));
            if (TypeOf(function) is { } type)
                return new RConversion(type, IsCompared: false, AsksWhether: false);
            // trimws() and its like give a text still.
            if (function is not ("trimws" or "toupper" or "tolower" or "as.character" or "toString"))
                break;
            (first, last) = (start, end);
        }

        return default;
    }

    private static string? TypeOf(string? function) => function switch
    {
        "as.integer" or "strtoi" => PortTypes.Integer,
        "as.numeric" or "as.double" => PortTypes.Float,
        "as.logical" => PortTypes.Boolean,
        "fromJSON" or "parse_json" => PortTypes.JsonObject,
        _ => null,
    };

    /// <summary>The function that gets the read as its first argument, <c>f(read)</c> or <c>read |> f()</c>, and the tokens of that call.</summary>
    private static (string? Function, int First, int Last) Call(PythonTokens tokens, int first, int last)
    {
        var pipe = tokens.IsOperator(last + 1, "%>%") ? last + 2 : tokens.IsOperator(last + 1, "|") && tokens.IsOperator(last + 2, ">") ? last + 3 : 0;
        if (pipe > 0)
        {
            var open = pipe;
            while (open < tokens.Code.Count && open - pipe < 12 && (tokens.Is(open, PythonTokenKind.Name) || tokens.IsOperator(open, ".") || tokens.IsOperator(open, ":")))
                open++;
            return tokens.IsOperator(open, "(") && tokens.Partners[open] > open ? (Name(tokens, pipe, open), first, tokens.Partners[open]) : default;
        }

        if (!tokens.IsOperator(first - 1, "(") || !(tokens.IsOperator(last + 1, ")") || tokens.IsOperator(last + 1, ",")))
            return default;
        var start = first - 1;
        while (start > 0 && first - start < 12 && (tokens.Is(start - 1, PythonTokenKind.Name) || tokens.IsOperator(start - 1, ".") || tokens.IsOperator(start - 1, ":")))
            start--;
        return start < first - 1 ? (Name(tokens, start, first - 1), start, tokens.Partners[first - 1]) : default;
    }

    /// <summary>Without the package before <c>::</c>.</summary>
    private static string Name(PythonTokens tokens, int start, int end)
    {
        var name = string.Concat(Enumerable.Range(start, end - start).Select(index => tokens.Text(index).ToString()));
        return name[(name.LastIndexOf(':') + 1)..];
    }

    /// <summary><c>read == word</c>, <c>word == read</c>, <c>identical(read, word)</c>, <c>read %in% c(word, word)</c>.</summary>
    private static bool Compares(PythonTokens tokens, int first, int last, Func<PythonTokens, int, bool> isWord)
    {
        if (tokens.IsOperator(last + 1, "==") || tokens.IsOperator(last + 1, "!="))
            return isWord(tokens, last + 2);
        if (tokens.IsOperator(first - 1, "==") || tokens.IsOperator(first - 1, "!="))
            return isWord(tokens, first - 2);
        if (tokens.IsOperator(last + 1, ",") && tokens.IsOperator(first - 1, "(") && tokens.IsName(first - 2, "identical"))
            return isWord(tokens, last + 2) && tokens.IsOperator(last + 3, ")");
        if (!tokens.IsOperator(last + 1, "%in%") || !tokens.IsName(last + 2, "c") || !tokens.IsOperator(last + 3, "("))
            return false;
        var words = RArguments.Split(tokens, last + 3);
        return words.Count > 0 && words.TrueForAll(word => word.Range.Length == 1 && isWord(tokens, word.Range.Start));
    }

    private static bool IsTruthWord(PythonTokens tokens, int index) => tokens.Text(index) is "TRUE" or "FALSE" or "T" or "F"
        || (tokens.Is(index, PythonTokenKind.String) && tokens.Text(index).Length < 12
            && RLiteral.Text(tokens.Text(index))?.ToLowerInvariant() is "true" or "false" or "yes" or "no" or "on" or "off" or "1" or "0" or "t" or "f");

    private static bool IsEmptyText(PythonTokens tokens, int index) => tokens.Is(index, PythonTokenKind.String) && tokens.Text(index).Length == 2;

    /// <summary>The question stands in <c>if (…) stop()</c> or <c>stopifnot(…)</c>.</summary>
    private static bool EndsWithout(PythonTokens tokens, int first)
    {
        for (var i = first - 1; i >= 0 && first - i < MaxBody; i--)
        {
            if (tokens.Partners[i] >= 0 && tokens.Partners[i] < i)
                i = tokens.Partners[i];
            else if (tokens.IsOperator(i, "(") && tokens.IsName(i - 1, "stopifnot"))
                return true;
            else if (tokens.IsOperator(i, "(") && tokens.IsName(i - 1, "if"))
                return tokens.Partners[i] > i && Ends(tokens, tokens.Partners[i] + 1);
        }

        return false;
    }

    private static bool Ends(PythonTokens tokens, int body)
    {
        var end = tokens.IsOperator(body, "{") ? Math.Min(tokens.Partners[body], body + MaxBody) : body + 1;
        for (var i = body; i < end; i++)
        {
            if (tokens.Text(i) is "stop" or "quit" or "q" && tokens.IsOperator(i + 1, "("))
                return true;
        }

        return false;
    }
}
