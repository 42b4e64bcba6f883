namespace Claimed.Components.Sources;

/// <summary>Source code with the way back from a character to its place in the uploaded file.</summary>
internal sealed class CodeText
{
    private readonly List<int> lineStarts = [0];
    private readonly CellPlaces? cell;

    public CodeText(string file, string text, CellPlaces? cell = null)
    {
        File = file;
        Text = text;
        this.cell = cell;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
                lineStarts.Add(i + 1);
        }
    }

    public string File { get; }

    public string Text { get; }

    /// <summary>The line of a character, counted from 1 within this text.</summary>
    public int LineAt(int offset)
    {
        var index = lineStarts.BinarySearch(offset);
        return index >= 0 ? index + 1 : ~index;
    }

    /// <summary>The column of a character within this text, counted from 1.</summary>
    public int ColumnAt(int offset) => offset - lineStarts[LineAt(offset) - 1] + 1;

    public SourcePosition At(int offset)
    {
        var line = LineAt(offset);
        if (cell is null)
            return new SourcePosition(File, line, offset - lineStarts[line - 1] + 1);
        var (fileLine, fileColumn) = cell.At(offset);
        return new SourcePosition(File, fileLine, fileColumn, cell.Number, line);
    }
}

/// <summary>Where each character of a notebook cell stands in the JSON text.</summary>
/// <param name="Number">The cell, counted from 1.</param>
/// <param name="Strings">For each JSON string of the cell: the offset of its first character in the cell's text, and its line in the file.</param>
/// <param name="Columns">For each character of the cell's text, its column in the file.</param>
internal sealed record CellPlaces(int Number, List<(int Offset, int FileLine)> Strings, List<int> Columns)
{
    public (int Line, int Column) At(int offset)
    {
        if (Columns.Count == 0)
            return Strings.Count == 0 ? (0, 0) : (Strings[0].FileLine, 1);
        offset = Math.Min(offset, Columns.Count - 1);
        var (low, high) = (0, Strings.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Strings[middle].Offset <= offset)
                low = middle;
            else
                high = middle - 1;
        }

        return (Strings[low].FileLine, Columns[offset]);
    }
}
