using System.Text.RegularExpressions;

namespace Claimed.Components.Sources;

/// <summary>The description of a script whose language has no docstrings.</summary>
internal static partial class LeadingComments
{
    private const int MaxLines = 200;

    /// <summary>
    /// The first block of comments above the code that says something to people, up to an install line, front matter or a tag, and its last
    /// line: what it says is about the script, not about a port that follows at once. A block that begins with a licence is passed over.
    /// </summary>
    public static (string Text, int LastLine) Read(IReadOnlyList<SourceComment> comments, int firstCodeLine)
    {
        var lines = new List<string>();
        var previous = 0;
        foreach (var comment in comments.Take(MaxLines))
        {
            if (!comment.Standalone || comment.Line >= firstCodeLine)
                break;
            if (comment.Line == 1 && comment.Text.StartsWith('!'))
                continue;
            if (previous > 0 && comment.Line != previous + 1)
            {
                if (IsDescription(lines))
                    break;
                lines.Clear();
            }

            if (IsForTools(comment.Text) && IsDescription(lines))
                break;
            previous = comment.Line;
            if (comment.Text.Length == 0 || (CommentText.IsProse(comment.Text) && !IsForTools(comment.Text)))
                lines.Add(CommentText.WithoutRuler(comment.Text.TrimStart('#', '\'', ' ')));
        }

        return IsDescription(lines) ? (string.Join('\n', lines).Trim(), previous) : ("", 0);
    }

    private static bool IsDescription(List<string> lines) => lines.Find(line => line.Length > 0) is { } first && !Licence.IsMatch(first);

    private static bool IsForTools(string text) => FrontMatter.IsOne(text) || InstallCommand.IsOne(text) || CommentText.Tag(text) is not null;

    [GeneratedRegex(@"^(copyright\b|\(c\)|©|licen[sc]ed\b|all rights reserved|this (file|program|script) is (free|part|licensed|distributed))", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Licence { get; }
}
