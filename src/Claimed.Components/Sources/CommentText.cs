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

    /// <summary><c>@param name text</c>, as the oldest notebooks describe their inputs.</summary>
    public static (string Port, string Description)? Parameter(string comment)
    {
        if (!comment.StartsWith("@param", StringComparison.Ordinal) && !comment.StartsWith("@dependency", StringComparison.Ordinal))
            return null;
        var words = comment.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 3 ? (words[1].TrimEnd(':'), words[2].TrimStart('-', ':', ' ')) : null;
    }

    /// <summary>The lines as one, or null when nothing is left of them.</summary>
    public static string? Joined(IEnumerable<string> lines)
    {
        var text = string.Join(' ', lines.Select(line => line.Length > MaxLine ? line[..MaxLine] : line).Select(line => line.TrimStart('#', ' ').Trim())).Trim();
        return text.Length == 0 ? null : text;
    }

    [GeneratedRegex(@"^(!|-\*-|%%|In\s?\[|noqa\b|type:|pylint:|fmt:|mypy:|ruff:|flake8|pragma\b|isort:|nosec\b|vim?:|coding[:=]|\+$|jupytext|@output\b)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Directive { get; }
}
