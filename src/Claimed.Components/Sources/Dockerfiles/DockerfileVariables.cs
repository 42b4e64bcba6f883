using System.Text;

namespace Claimed.Components.Sources.Dockerfiles;

/// <summary>The variables that ARG gives to FROM, and how a word uses them.</summary>
internal sealed class DockerfileVariables(char escape)
{
    /// <summary>Characters of a value: each may repeat others, so without a bound a few lines would fill the memory.</summary>
    private const int MaxValue = 4096;

    /// <summary>Braces within braces.</summary>
    private const int MaxDepth = 20;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Variables of <c>ARG NAME=value NAME</c>; one without a value has none, as nobody passes any.</summary>
    public void Declare(DockerfileInstruction arg)
    {
        foreach (var word in Words(arg.Arguments))
        {
            var parts = word.Split('=', 2);
            if (parts.Length == 2)
                _values[parts[0]] = Expand(parts[1]);
        }
    }

    /// <summary>A word with its variables replaced and its quotes taken off.</summary>
    /// <exception cref="DockerfileWordException">It uses a form that engines read differently, or grows too long.</exception>
    public string Expand(string word)
    {
        var at = 0;
        return Until(word, ref at, '\0', 0);
    }

    private string Until(string word, ref int at, char end, int depth)
    {
        if (depth > MaxDepth)
            throw new DockerfileWordException($"braces stand more than {MaxDepth} deep");
        var text = new StringBuilder();
        var quote = '\0';
        for (; at < word.Length; at++)
        {
            var c = word[at];
            if (quote == '\0' && c == end && end != '\0')
                return text.ToString();
            if (quote == '\'')
            {
                if (c == '\'')
                    quote = '\0';
                else
                    text.Append(c);
            }
            else if (c == '\'' && quote == '\0')
            {
                quote = c;
            }
            else if (c == '"')
            {
                quote = quote == '"' ? '\0' : '"';
            }
            else if (c == escape && at + 1 < word.Length)
            {
                text.Append(word[++at]);
            }
            else if (c == '$')
            {
                text.Append(Variable(word, ref at, depth));
            }
            else
            {
                text.Append(c);
            }
            if (text.Length > MaxValue)
                throw new DockerfileWordException($"it becomes longer than {MaxValue} characters");
        }
        if (quote != '\0')
            throw new DockerfileWordException("a quote is not closed");
        return end == '\0' ? text.ToString() : throw new DockerfileWordException("a brace is not closed");
    }

    /// <summary>What stands for the variable at a dollar sign; leaves <paramref name="at"/> on its last character.</summary>
    private string Variable(string word, ref int at, int depth)
    {
        var start = at + 1;
        var isBraced = start < word.Length && word[start] == '{';
        var first = isBraced ? start + 1 : start;
        var last = first;
        while (last < word.Length && (char.IsAsciiLetterOrDigit(word[last]) || word[last] == '_'))
            last++;
        var name = word[first..last];
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
            throw new DockerfileWordException("a dollar sign names no variable");
        _values.TryGetValue(name, out var value);
        at = last - 1;
        if (!isBraced)
            return value ?? "";
        at = last;
        if (at < word.Length && word[at] == '}')
            return value ?? "";
        if (at + 1 < word.Length && word[at] == ':' && word[at + 1] is '-' or '+')
        {
            var isDefault = word[at + 1] == '-';
            at += 2;
            var other = Until(word, ref at, '}', depth + 1);
            var isSet = !string.IsNullOrEmpty(value);
            return isDefault ? isSet ? value! : other : isSet ? other : "";
        }
        throw new DockerfileWordException($"only ${{{name}}}, ${{{name}:-…}} and ${{{name}:+…}} are read alike by all engines");
    }

    /// <summary>Words at white space outside of quotes, quotes kept.</summary>
    public IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        var quote = '\0';
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (word.Length > 0)
                    yield return word.ToString();
                word.Clear();
                continue;
            }
            if (c == quote)
                quote = '\0';
            else if (quote == '\0' && c is '\'' or '"')
                quote = c;
            word.Append(c);
            if (c == escape && quote != '\'' && at + 1 < text.Length)
                word.Append(text[++at]);
        }
        if (word.Length > 0)
            yield return word.ToString();
    }
}

/// <summary>A word that cannot be read; the message ends a sentence.</summary>
internal sealed class DockerfileWordException(string message) : Exception(message);
