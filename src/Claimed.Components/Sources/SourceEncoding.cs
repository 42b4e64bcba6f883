using System.Text;
using System.Text.Unicode;

namespace Claimed.Components.Sources;

/// <summary>Bytes to text: UTF-8 without surprises, or findings.</summary>
internal static class SourceEncoding
{
    /// <summary>Bytes of a script, a component.yaml or a requirements file; reading costs a multiple of it.</summary>
    private const int MaxText = 1 << 20;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The content without byte order mark when it is UTF-8 without NUL; else null and an error among the findings.</summary>
    /// <param name="file">The file.</param>
    /// <param name="markBreaks">True where the program that reads this kind of file stumbles over a byte order mark.</param>
    public static ReadOnlyMemory<byte>? Check(SourceFile file, bool markBreaks, List<Finding> findings)
    {
        var content = file.Content;
        var whole = new SourcePosition(file.Path);
        if (content.Span.StartsWith(ByteOrderMark))
        {
            content = content[3..];
            findings.Add(new Finding("byte-order-mark", markBreaks ? Severity.Error : Severity.Warning, whole with { Line = 1, Column = 1 },
                $"{file.FileName} begins with a byte order mark, which many programs take for text.",
                "Save the file as UTF-8 without BOM."));
        }

        if (content.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || content.Span.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            findings.Add(Finding.Error("not-utf-8", whole with { Line = 1, Column = 1 }, $"{file.FileName} is UTF-16.",
                "Save the file as UTF-8."));
            return null;
        }

        if (!Utf8.IsValid(content.Span))
        {
            var (line, column) = Place(content.Span, FirstInvalid(content.Span));
            findings.Add(Finding.Error("not-utf-8", whole with { Line = line, Column = column },
                $"{file.FileName} is not UTF-8 from here on.", "Save the file as UTF-8."));
            return null;
        }

        var nul = content.Span.IndexOf((byte)0);
        if (nul >= 0)
        {
            var (line, column) = Place(content.Span, nul);
            findings.Add(Finding.Error("nul-character", whole with { Line = line, Column = column },
                $"{file.FileName} contains the character U+0000.", "Remove the character; check that the file is text."));
            return null;
        }

        return content;
    }

    public static string? Text(SourceFile file, bool markBreaks, List<Finding> findings)
    {
        if (file.Content.Length <= MaxText)
            return Check(file, markBreaks, findings) is { } content ? Encoding.UTF8.GetString(content.Span) : null;
        findings.Add(TooLarge(file));
        return null;
    }

    public static Finding TooLarge(SourceFile file) => Finding.Error("source-too-large", new SourcePosition(file.Path),
        $"{file.FileName} holds more than {MaxText >> 20} MiB of text to read.", "Keep code in the source, and send data as files of their own.");

    public static bool IsTooLarge(long length) => length > MaxText;

    private static int FirstInvalid(ReadOnlySpan<byte> content)
    {
        var offset = 0;
        while (offset < content.Length
            && Rune.DecodeFromUtf8(content[offset..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            offset += consumed;
        }

        return offset;
    }

    private static (int Line, int Column) Place(ReadOnlySpan<byte> content, int offset)
    {
        var before = content[..offset];
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1);
    }
}
