using System.Text.RegularExpressions;

namespace Claimed.Components.Sources;

/// <summary>Which comments are meant for people.</summary>
internal static partial class CommentText
{
    private const int MaxLine = 1000;

    /// <summary>False for directives, rulers and commented-out reads.</summary>
    public static bool IsProse(string comment) =>
        comment.Any(char.IsLetterOrDigit) && !Directive.IsMatch(comment) && !comment.Contains("os.environ", StringComparison.Ordinal)
        && !comment.Contains("os.getenv", StringComparison.Ordinal) && !comment.Contains("Sys.getenv", StringComparison.Ordinal);

    /// <summary>A comment that begins with <c>@word</c>, as the oldest notebooks have them: the word in lower case, and what follows.</summary>
    public static (string Word, string Text)? Tag(string comment)
    {
        var text = comment.TrimStart('\'', ' ');
        if (text.Length < 2 || text[0] != '@' || !char.IsAsciiLetter(text[1]))
            return null;
        var end = text.AsSpan().IndexOfAny(' ', '\t');
        return end < 0 ? (text[1..].ToLowerInvariant(), "") : (text[1..end].ToLowerInvariant(), text[end..].Trim());
    }

    /// <summary><c>name text</c> behind <c>@param</c>, or null when the text or the name is missing.</summary>
    public static (string Port, string Description)? Parameter(string rest)
    {
        var words = rest.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 2 ? (words[0].TrimEnd(':'), words[1].TrimStart('-', ':', ' ')) : null;
    }

    /// <summary>True for a line that goes on with the sentence above it.</summary>
    public static bool GoesOn(string comment) => comment.Length > 1 && (char.IsAsciiLetterLower(comment[0]) || comment[0] == '(');

    /// <summary><c>Inputs ----</c>: editors make a heading of it.</summary>
    public static string WithoutRuler(string line)
    {
        var text = line.TrimEnd('-', '=', '#', '*');
        return line.Length - text.Length >= 4 && text.Length > 0 ? text.TrimEnd() : line;
    }

    /// <summary>The lines as one, or null when nothing is left of them.</summary>
    public static string? Joined(IEnumerable<string> lines)
    {
        var text = string.Join(' ', lines.Select(line => line.Length > MaxLine ? line[..MaxLine] : line).Select(line => WithoutRuler(line.TrimStart('#', ' ')).Trim())).Trim();
        return text.Length == 0 ? null : text;
    }

    [GeneratedRegex(@"^(!|-\*-|%%|In\s?\[|noqa\b|type:|pylint:|fmt:|mypy:|ruff:|flake8|pragma\b|isort:|nosec\b|shellcheck\b|nolint\b|lintr:|styler:|vim?:|coding[:=]|\+$|jupytext|@output\b)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Directive { get; }
}
