using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.Components.Sources.Dockerfiles;

/// <summary>Splits the text of a Dockerfile into instructions, by the rules of Docker's classic parser, which Podman's follows.</summary>
internal sealed partial class DockerfileLines
{
    /// <summary>Bytes of one line; Docker's scanner takes no longer ones.</summary>
    private const int MaxLine = 65_535;

    /// <summary>Bytes of an instruction that may be written anew on one line, with a longer name in it.</summary>
    private const int MaxRewritten = 65_000;

    /// <summary>Instructions; engines keep a layer each and end long before.</summary>
    private const int MaxInstructions = 2000;

    private readonly string[] _lines;
    private readonly List<DockerfileProblem> _problems = [];
    private char _escape = '\\';
    private bool _isTooLarge;

    private DockerfileLines(string text)
    {
        _lines = text.TrimStart('\uFEFF').Split('\n');
        for (var at = 0; at < _lines.Length; at++)
        {
            // One belongs to the end of the line. Of more, engines differ in how many do.
            if (_lines[at].EndsWith('\r'))
                _lines[at] = _lines[at][..^1];
            if (_lines[at].Contains('\r', StringComparison.Ordinal))
                Unclear(at + 1, "A carriage return stands here that is not the end of a line.");
        }
    }

    /// <summary>Instructions, and what keeps engines from reading the file in one way; no instructions when something is longer than engines take.</summary>
    public static (List<DockerfileInstruction>? Instructions, List<DockerfileProblem> Problems, char Escape, (string Image, int Line)? Syntax, int Directives) Read(string text)
    {
        var reader = new DockerfileLines(text);
        var (directives, syntax) = reader.Directives();
        var instructions = reader.Instructions(directives);
        return (reader._isTooLarge ? null : instructions, reader._problems, reader._escape, syntax, directives);
    }

    /// <summary>Comments of the form <c># name=value</c> before anything else. Older engines end at the first that they do not know, so an escape after another one is read in two ways.</summary>
    private (int Count, (string, int)? Syntax) Directives()
    {
        (string, int)? syntax = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var at = 0;
        for (; at < _lines.Length; at++)
        {
            if (Directive.Match(_lines[at].Trim()) is not { Success: true } match)
                break;
            var name = match.Groups["name"].Value.ToLowerInvariant();
            var value = match.Groups["value"].Value;
            if (!seen.Add(name))
                Unclear(at + 1, $"The directive \"{name}\" stands here a second time.");
            if (name == "syntax")
            {
                syntax ??= (value.Split(' ', '\t')[0], at + 1);
            }
            else if (name == "escape")
            {
                if (value is not ("\\" or "`"))
                    _problems.Add(new(DockerfileProblemKind.Invalid, at + 1, "The escape character is neither \\ nor `."));
                else
                    _escape = value[0];
            }
        }
        if (at < _lines.Length && WiderDirective.IsMatch(_lines[at].Trim()))
            Unclear(at + 1, "Engines differ in whether this comment is a directive: it has other white space than spaces and tabs.");
        return (at, syntax);
    }

    private List<DockerfileInstruction> Instructions(int at)
    {
        for (var line = 0; line < _lines.Length; line++)
        {
            if (_lines[line].Length > MaxLine / 4 && Encoding.UTF8.GetByteCount(_lines[line]) > MaxLine)
                TooLarge(line + 1, $"The line is longer than {MaxLine} bytes.");
        }
        var instructions = new List<DockerfileInstruction>();
        while (at < _lines.Length && !_isTooLarge)
        {
            var start = at;
            var (piece, isContinued) = Continued(WithoutComment(_lines[at++].TrimStart()), start);
            var text = new StringBuilder(piece);
            while (isContinued && at < _lines.Length)
            {
                var line = _lines[at++];
                // Neither a comment nor an empty line ends what is continued.
                if (WithoutComment(line.TrimStart()).Trim().Length == 0)
                    continue;
                (piece, isContinued) = Continued(line, at - 1);
                text.Append(piece);
            }
            var whole = text.ToString().Trim();
            if (whole.Length == 0)
                continue;
            // Whatever this registry writes below it would become a part of it.
            if (isContinued)
                Unclear(start + 1, "The instruction has no end: its last line says that another follows.");
            if (instructions.Count == MaxInstructions)
            {
                TooLarge(start + 1, $"The Dockerfile has more than {MaxInstructions} instructions.");
                break;
            }
            // Written anew without the white space after it, it would go on with the next line.
            if (whole.EndsWith(_escape))
                Unclear(start + 1, "After the last escape character stands other white space than spaces and tabs.");
            var instruction = DockerfileWords.Instruction(whole, start + 1, at);
            if (instruction.Keyword is "FROM" or "COPY" or "ARG" && Encoding.UTF8.GetByteCount(whole) > MaxRewritten)
                TooLarge(start + 1, $"The instruction is longer than {MaxRewritten} bytes.");
            instructions.Add(instruction);
        }
        return instructions;
    }

    private static string WithoutComment(string line) => line.StartsWith('#') ? "" : line;

    /// <summary>The line without the escape character at its end, and whether there was one.</summary>
    private (string Line, bool IsContinued) Continued(string line, int at)
    {
        var end = line.TrimEnd(' ', '\t');
        if (!end.EndsWith(_escape))
            return (line, false);
        if (end.Length > 1 && end[^2] == _escape)
            Unclear(at + 1, "Engines differ in whether a line that ends in two escape characters goes on.");
        return (end[..^1], true);
    }

    private void TooLarge(int line, string message)
    {
        _isTooLarge = true;
        _problems.Add(new(DockerfileProblemKind.Invalid, line, message));
    }

    private void Unclear(int line, string message) => _problems.Add(new(DockerfileProblemKind.Unclear, line, message));

    // Both read a trimmed line, so the value ends where the line does.
    [GeneratedRegex(@"\A#[ \t]*(?<name>[A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(?<value>.+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Directive { get; }

    [GeneratedRegex(@"\A#\s*[A-Za-z][A-Za-z0-9]*\s*=\s*\S", RegexOptions.CultureInvariant)]
    private static partial Regex WiderDirective { get; }
}
