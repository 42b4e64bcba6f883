using System.Text;

namespace Claimed.Components.Sources.Notebooks;

/// <summary>A place in a JSON file that only moves forward, so that reading all strings of a file costs one pass over it.</summary>
internal sealed class JsonText(ReadOnlyMemory<byte> content)
{
    private int offset;
    private int lineStart;
    private int lineStartColumn = 1;

    public int Line { get; private set; } = 1;

    /// <summary>Appends the value of the JSON string whose opening quote is at <paramref name="start"/>, with the column of each character.</summary>
    /// <param name="start">Byte offset of the opening quote; not before that of an earlier call.</param>
    /// <param name="end">Byte offset of the closing quote.</param>
    /// <returns>False when a part of a surrogate pair stands alone: no UTF-8 text can hold it.</returns>
    public bool Append(int start, int end, StringBuilder text, CellPlaces places)
    {
        MoveTo(start + 1);
        places.Strings.Add((text.Length, Line));
        var from = text.Length;
        var column = lineStartColumn;
        var bytes = content.Span[..end];
        var i = start + 1;
        while (i < bytes.Length)
        {
            if (bytes[i] == '\\')
            {
                var length = bytes[i + 1] == 'u' ? 6 : 2;
                text.Append(length == 6 ? (char)Convert.ToUInt16(Encoding.ASCII.GetString(bytes.Slice(i + 2, 4)), 16) : Unescaped(bytes[i + 1]));
                places.Columns.Add(column);
                column += length;
                i += length;
            }
            else
            {
                Rune.DecodeFromUtf8(bytes[i..], out var rune, out var consumed);
                text.Append(rune.ToString());
                for (var unit = 0; unit < rune.Utf16SequenceLength; unit++)
                    places.Columns.Add(column + unit);
                column += rune.Utf16SequenceLength;
                i += consumed;
            }
        }

        offset = lineStart = end;
        lineStartColumn = column;
        return WholeText.Is(text.ToString(from, text.Length - from));
    }

    private static char Unescaped(byte escape) => escape switch
    {
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        _ => (char)escape,
    };

    private void MoveTo(int target)
    {
        var passed = content.Span[offset..target];
        var lines = passed.Count((byte)'\n');
        if (lines > 0)
        {
            Line += lines;
            lineStart = offset + passed.LastIndexOf((byte)'\n') + 1;
            lineStartColumn = 1;
        }

        offset = target;
        lineStartColumn += Encoding.UTF8.GetCharCount(content.Span[lineStart..target]);
        lineStart = target;
    }
}
