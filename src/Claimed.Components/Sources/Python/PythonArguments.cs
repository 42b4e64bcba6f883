namespace Claimed.Components.Sources.Python;

/// <summary>The tokens from <paramref name="Start"/> up to, not with, <paramref name="End"/>.</summary>
internal readonly record struct PythonRange(int Start, int End)
{
    public int Length => End - Start;
}

/// <summary>The two arguments of a call that reads an environment variable.</summary>
internal static class PythonArguments
{
    public static (PythonRange Key, PythonRange Default) Split(PythonTokens tokens, int open, int close)
    {
        var key = default(PythonRange);
        var value = default(PythonRange);
        var number = 0;
        var start = open + 1;
        for (var i = start; i <= close; i++)
        {
            if (i < close && tokens.Partners[i] > i)
            {
                i = tokens.Partners[i];
                continue;
            }

            if (i < close && !tokens.IsOperator(i, ","))
                continue;
            if (i > start)
            {
                var named = tokens.Is(start, PythonTokenKind.Name) && tokens.IsOperator(start + 1, "=");
                var range = new PythonRange(named ? start + 2 : start, i);
                if (named ? tokens.IsName(start, "key") : number == 0)
                    key = range;
                else if (named ? tokens.IsName(start, "default") : number == 1)
                    value = range;
                number++;
            }

            start = i + 1;
        }

        return (key, value);
    }
}
