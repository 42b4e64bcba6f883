using System.Buffers;
using Markdig;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Components;

namespace Claimed.Registry.Pages;

/// <summary>Descriptions as publishers write them: Markdown without HTML, with links to http, https and mailto alone, and without images.</summary>
public static class MarkdownText
{
    /// <summary>Longer texts are shown as they are, cut here.</summary>
    public const int MaxLength = 20_000;

    private const int MaxBrief = 2_000;

    /// <summary>The library pairs the marks of a paragraph in quadratic time; ordinary ones have a few dozen.</summary>
    private const int MaxMarks = 400;

    /// <summary>Lists and quotes that one line opens inside each other: for each of them the library reads the rest of the line again.</summary>
    private const int MaxOpened = 64;

    private const int HeadingsBelowPage = 2;

    private static readonly SearchValues<char> MarkCharacters = SearchValues.Create("*_[]`<~|!");

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().DisableHtml().Build();

    /// <summary>HTML of the text; null when it is too long, nested too deeply or too full of marks to be read as Markdown.</summary>
    public static MarkupString? ToHtml(string text) => text.Length <= MaxLength && !IsCrowded(text) && Try(() => Html(text)) is { } html ? new MarkupString(html) : null;

    /// <summary>The first paragraph without marks, at most <paramref name="length"/> characters.</summary>
    public static string Brief(string text, int length = 180)
    {
        var start = text.Length <= MaxBrief ? text : text[..MaxBrief];
        var plain = string.Join(' ', ((IsCrowded(start) ? null : Try(() => FirstParagraph(start))) ?? start).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (plain.Length <= length)
            return plain;
        var end = plain.LastIndexOf(' ', length - 1);
        return plain[..(end > length / 2 ? end : length - 1)] + "…";
    }

    /// <summary>The URL when it may be linked to from our pages, else null.</summary>
    public static string? SafeUrl(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is ("http" or "https" or "mailto") ? url : null;

    private static bool IsCrowded(string text)
    {
        var marks = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            marks = line.IsWhiteSpace() ? 0 : marks + Marks(line);
            if (marks > MaxMarks || Opened(line) > MaxOpened)
                return true;
        }
        return false;
    }

    /// <summary>How many lists and quotes a line opens, such as three of <c>&gt; - 1. text</c>.</summary>
    private static int Opened(ReadOnlySpan<char> line)
    {
        var count = 0;
        while (true)
        {
            line = line.TrimStart();
            var digits = line.IndexOfAnyExceptInRange('0', '9');
            var mark = digits > 0 ? line[digits..] : line;
            if (mark is ['>', ..] && digits <= 0)
                line = mark[1..];
            else if (mark.Length > 1 && char.IsWhiteSpace(mark[1]) && (digits > 0 ? mark[0] is '.' or ')' : mark[0] is '-' or '+' or '*'))
                line = mark[1..];
            else
                return count;
            count++;
        }
    }

    private static int Marks(ReadOnlySpan<char> line)
    {
        var count = 0;
        for (int next; (next = line.IndexOfAny(MarkCharacters)) >= 0; line = line[(next + 1)..])
            count++;
        return count;
    }

    private static string Html(string text)
    {
        var document = Markdown.Parse(text, Pipeline);
        foreach (var heading in document.Descendants<HeadingBlock>())
            heading.Level = Math.Min(heading.Level + HeadingsBelowPage, 6);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            // An image of another host would tell it who reads this page.
            link.IsImage = false;
            if (SafeUrl(link.GetDynamicUrl?.Invoke() ?? link.Url) is null)
                Unlink(link);
            else
                Restrict(link);
        }
        foreach (var link in document.Descendants<AutolinkInline>().ToList())
        {
            if (!link.IsEmail && SafeUrl(link.Url) is null)
                link.ReplaceBy(new LiteralInline(link.Url));
            else
                Restrict(link);
        }
        return document.ToHtml(Pipeline);
    }

    private static string? FirstParagraph(string text)
    {
        var paragraph = Markdown.Parse(text, Pipeline).Descendants<ParagraphBlock>().FirstOrDefault();
        return paragraph is null ? null : Markdown.ToPlainText(text.Substring(paragraph.Span.Start, paragraph.Span.Length), Pipeline);
    }

    // ArgumentException is the library's word for "nested too deeply", when it reads and when it writes.
    private static string? Try(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static void Restrict(MarkdownObject link) => link.GetAttributes().AddProperty("rel", "nofollow noopener noreferrer");

    private static void Unlink(LinkInline link)
    {
        while (link.FirstChild is { } child)
        {
            child.Remove();
            link.InsertBefore(child);
        }
        link.Remove();
    }
}
