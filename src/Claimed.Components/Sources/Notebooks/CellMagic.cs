namespace Claimed.Components.Sources.Notebooks;

internal enum CellLanguage
{
    Python,
    Shell,

    /// <summary>A file to write, HTML, another language: nothing that we read.</summary>
    Other,
}

/// <summary>What a first line such as <c>%%bash</c> makes of a cell.</summary>
internal static class CellMagic
{
    public static CellLanguage Language(string cell)
    {
        var line = FirstLine(cell);
        if (!line.StartsWith("%%", StringComparison.Ordinal))
            return CellLanguage.Python;
        var words = line[2..].ToString().Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        return (words.Length > 0 ? words[0] : "") switch
        {
            "bash" or "sh" or "!" or "sx" or "system" => CellLanguage.Shell,
            "script" when words.Length > 1 && words[1] is "bash" or "sh" => CellLanguage.Shell,
            // These run the cell as it stands, in the same interpreter.
            "time" or "timeit" or "capture" or "prun" or "memit" => CellLanguage.Python,
            _ => CellLanguage.Other,
        };
    }

    /// <summary>The file that a cell writes: <c>%%writefile helper.py</c>.</summary>
    public static string? WrittenFile(string cell)
    {
        var words = FirstLine(cell).ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 1 && words[0] is "%%writefile" or "%%file" ? words[^1] : null;
    }

    private static ReadOnlySpan<char> FirstLine(string cell)
    {
        var text = cell.AsSpan().TrimStart();
        var end = text.IndexOfAny('\n', '\r');
        return (end < 0 ? text : text[..end]).Trim();
    }
}
