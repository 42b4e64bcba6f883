using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.Components.Sources.Dockerfiles;

/// <summary>The words of one instruction: keyword, flags, the rest.</summary>
internal static partial class DockerfileWords
{
    /// <param name="text">The whole instruction on one line, without white space around it.</param>
    public static DockerfileInstruction Instruction(string text, int line, int endLine)
    {
        var end = text.AsSpan().IndexOfAny(" \t\v\f\r");
        var keyword = (end < 0 ? text : text[..end]).ToUpperInvariant();
        var rest = end < 0 ? "" : text[end..].Trim();
        var (flags, arguments, isUnclear) = Flags(rest);
        return new DockerfileInstruction(keyword, rest, line, endLine) { Flags = flags, Arguments = arguments, HasUnclearFlags = isUnclear };
    }

    /// <summary>Words that begin with two hyphens, before the first that does not; quotes and backslashes are taken off as a shell does.</summary>
    private static (List<DockerfileFlag> Flags, string Arguments, bool IsUnclear) Flags(string text)
    {
        var flags = new List<DockerfileFlag>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (at + 1 >= text.Length || text[at] != '-' || text[at + 1] != '-')
                return (flags, text[at..], !IsAscii(at));
            var start = at;
            var word = new StringBuilder();
            var quote = '\0';
            for (; at < text.Length && (quote != '\0' || !char.IsWhiteSpace(text[at])); at++)
            {
                var c = text[at];
                if (quote != '\0' && c == quote)
                    quote = '\0';
                else if (quote == '\0' && c is '\'' or '"')
                    quote = c;
                else if (c == '\\')
                    word.Append(++at < text.Length ? text[at] : "");
                else
                    word.Append(c);
            }
            at = Math.Min(at, text.Length);
            if (word.ToString() is "--")
            {
                // Written anew, the word would be gone and what follows it a flag.
                var after = text[at..].TrimStart();
                return (flags, after, !IsAscii(at) || after.StartsWith("--", StringComparison.Ordinal));
            }
            var parts = word.ToString()[2..].Split('=', 2);
            flags.Add(new DockerfileFlag(parts[0], parts.Length == 2 ? parts[1] : null, text[start..at]));
        }

        // Engines go through flags byte by byte and take some bytes of longer characters for white space.
        bool IsAscii(int end) => Ascii.IsValid(text.AsSpan(0, end));
    }

    /// <summary>Whether a word begins a here-document, as BuildKit reads it: <c>&lt;&lt;EOF</c>, <c>3&lt;&lt;-"EOF"</c>.</summary>
    public static bool HasHeredoc(string arguments) => Heredoc.IsMatch(Quoted.Replace(arguments, quoted => quoted.Groups["open"].Success ? quoted.Value : "\"\""));

    // What stands in quotes is no operator, except as the name of a document. An open quote ends with the text, else each escaped quote in it would be tried as a beginning.
    [GeneratedRegex(@"(?<!<<-?)(?:""(?>(?:\\.|[^""\\])*)(?:""|(?<open>\\?\z))|'[^']*')", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Quoted { get; }

    [GeneratedRegex(@"(\A|\s)\d*<<-?[^\s<(=]", RegexOptions.CultureInvariant)]
    private static partial Regex Heredoc { get; }
}
