using System.Text;

namespace Claimed.Components.Sources;

/// <summary>A comment without its <c>#</c>.</summary>
/// <param name="Standalone">True when nothing but blanks stands before it on its line.</param>
internal readonly record struct SourceComment(string Text, int Start, int Line, bool Standalone);

/// <summary>Finds the comment that describes a port, and takes install lines and front matter out of the comments first.</summary>
internal sealed class SourceComments
{
    private const int MaxBlock = 40;
    private const int MaxDescription = 2000;
    private const int MaxJoined = 8192;

    private readonly Dictionary<int, SourceComment> byLine = [];

    /// <summary>Many reads may share a line; its block is joined once.</summary>
    private readonly Dictionary<int, string?> blocks = [];

    /// <param name="described">The last line of the comments that describe the whole source; 0 when there are none.</param>
    public SourceComments(CodeText source, IReadOnlyList<SourceComment> comments, ComponentDraft draft, int described = 0)
    {
        for (var i = 0; i < comments.Count; i++)
        {
            var comment = comments[i];
            var at = source.At(comment.Start);
            var text = comment.Text;
            // `# pip install a \` goes on in the comment below.
            if (GoesOn(comments, i, text))
            {
                var joined = new StringBuilder();
                for (; GoesOn(comments, i, text) && joined.Length < MaxJoined; text = comments[++i].Text)
                    joined.Append(text.AsSpan(0, text.Length - 1)).Append(' ');
                text = joined.Append(text).ToString();
            }

            if (draft.FrontMatter.Read(text, at) || draft.Install(text.TrimStart('!', '%', '#', ' '), at))
                continue;
            if (CommentText.Tag(text) is var (word, rest))
                ReadTag(word, WithContinuation(rest, comments, ref i), at, draft);
            else if (comment.Line > described && CommentText.IsProse(text))
                byLine.TryAdd(comment.Line, comment);
        }
    }

    private static bool GoesOn(IReadOnlyList<SourceComment> comments, int index, string text) =>
        text.EndsWith('\\') && index + 1 < comments.Count && comments[index + 1] is { Standalone: true } next && next.Line == comments[index].Line + 1;

    private static void ReadTag(string word, string rest, SourcePosition at, ComponentDraft draft)
    {
        var isNeed = word.StartsWith("depend", StringComparison.Ordinal);
        if (CommentText.Parameter(rest) is var (port, description) && (isNeed || word == "param"))
            draft.Describe(port, description);
        else if (isNeed && rest.Contains('.'))
            draft.NeedFile(rest, at);
        if (word is "return" or "returns" && rest.Length > 0)
            draft.DescribeResult(rest);
    }

    /// <summary>The text with the lines below that go on with it; they describe nothing else.</summary>
    private static string WithContinuation(string rest, IReadOnlyList<SourceComment> comments, ref int index)
    {
        while (index + 1 < comments.Count && rest.Length < MaxDescription && comments[index + 1] is { Standalone: true } more && more.Line == comments[index].Line + 1)
        {
            var text = more.Text.TrimStart('\'', ' ');
            if (!CommentText.GoesOn(text) || InstallCommand.IsOne(text) || FrontMatter.IsOne(text))
                break;
            rest += " " + text;
            index++;
        }

        return rest;
    }

    /// <summary>The block of comments that ends on the line above <paramref name="line"/>.</summary>
    public string? Above(int line)
    {
        if (blocks.TryGetValue(line, out var known))
            return known;
        var first = line;
        while (first > 1 && line - first < MaxBlock && byLine.TryGetValue(first - 1, out var comment) && comment.Standalone)
            first--;
        return blocks[line] = first == line ? null : CommentText.Joined(Enumerable.Range(first, line - first).Select(number => byLine[number].Text));
    }

    /// <summary>The comment behind the code of <paramref name="line"/>.</summary>
    public string? Behind(int line) =>
        byLine.TryGetValue(line, out var comment) && !comment.Standalone ? CommentText.Joined([comment.Text]) : null;
}
