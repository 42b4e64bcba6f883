namespace Claimed.Components.Sources;

/// <summary>The description of a script whose language has no docstrings.</summary>
internal static class LeadingComments
{
    private const int MaxLines = 200;

    /// <summary>The lines of the first block of comments, after the shebang, without install lines and front matter.</summary>
    public static string Read(IReadOnlyList<SourceComment> comments)
    {
        var lines = new List<string>();
        var previous = 0;
        foreach (var comment in comments.Take(MaxLines))
        {
            if (!comment.Standalone || (previous > 0 && comment.Line != previous + 1))
                break;
            previous = comment.Line;
            if (comment.Line == 1 && comment.Text.StartsWith('!'))
                previous = 0;
            else if (comment.Text.Length == 0 || IsForPeople(comment.Text))
                lines.Add(comment.Text.TrimStart('#', '\'', ' '));
        }

        // Code before the first comment: then that block describes a line, not the script.
        return comments.Count == 0 || previous == 0 ? "" : string.Join('\n', lines).Trim();
    }

    private static bool IsForPeople(string text) =>
        !FrontMatter.IsOne(text) && !InstallCommand.IsOne(text) && CommentText.Tag(text) is null && CommentText.IsProse(text);
}
