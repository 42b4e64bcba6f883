using Claimed.Components.Sources.Python;

namespace Claimed.Components.Sources.R;

/// <summary>One argument of a call.</summary>
/// <param name="Name">Null when it goes by its place.</param>
/// <param name="Range">The tokens of its value.</param>
/// <param name="Start">Its first token, the name where there is one.</param>
internal readonly record struct RArgument(string? Name, PythonRange Range, int Start);

internal static class RArguments
{
    private const int MaxArguments = 300;

    public static List<RArgument> Split(PythonTokens tokens, int open)
    {
        var arguments = new List<RArgument>();
        var close = tokens.Partners[open];
        var start = open + 1;
        for (var i = start; i <= close && arguments.Count < MaxArguments; i++)
        {
            if (i < close && tokens.Partners[i] > i)
            {
                i = tokens.Partners[i];
                continue;
            }

            if (i < close && !tokens.IsOperator(i, ","))
                continue;
            if (i > start)
                arguments.Add(Argument(tokens, start, i));
            start = i + 1;
        }

        return arguments;
    }

    private static RArgument Argument(PythonTokens tokens, int start, int end)
    {
        // Names may hold dots: `use.names = TRUE`.
        for (var i = start; i < end && i - start < 12; i++)
        {
            if (!tokens.IsOperator(i, "="))
            {
                if (tokens.Is(i, PythonTokenKind.Operator) && !tokens.IsOperator(i, "."))
                    break;
                continue;
            }

            if (i == start)
                break;
            var name = tokens.Source.Text[tokens.Code[start].Start..tokens.Code[i - 1].End].Trim('`');
            if (tokens.Is(start, PythonTokenKind.String))
                name = RLiteral.Text(tokens.Text(start)) ?? name;
            return new RArgument(name, new PythonRange(i + 1, end), start);
        }

        return new RArgument(null, new PythonRange(start, end), start);
    }
}
