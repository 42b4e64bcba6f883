using System.Text;
using System.Text.Json;

namespace Claimed.Components.Sources.Notebooks;

/// <summary>One cell.</summary>
/// <param name="Kind"><c>code</c>, <c>markdown</c>, <c>raw</c> or, in format 3, <c>heading</c>.</param>
internal sealed record NotebookCell(string Kind, CodeText Source);

/// <summary>The parts of a notebook that matter here. Outputs, whatever their size, are passed over.</summary>
internal sealed class NotebookFile
{
    /// <summary>Outputs may hold deep JSON; the reader keeps one bit per level and does not recurse.</summary>
    private const int MaxDepth = 1000;

    private readonly JsonText places;
    private readonly SourceFile file;
    private readonly ReadOnlyMemory<byte> content;
    private long codeLength;

    private NotebookFile(SourceFile file, ReadOnlyMemory<byte> content)
    {
        this.file = file;
        this.content = content;
        places = new JsonText(content);
    }

    public List<NotebookCell> Cells { get; } = [];

    /// <summary>The major number of the notebook format; 0 when the file does not say.</summary>
    public int Format { get; private set; }

    /// <summary>The kernel's language in lower case; empty when the file does not say.</summary>
    public string Language { get; private set; } = "";

    /// <summary>The JSON that the notebook's metadata has under <c>claimed</c>, and where it stands; null when there is none.</summary>
    public (ReadOnlyMemory<byte> Json, SourcePosition At)? Claimed { get; private set; }

    /// <summary>The cells hold more text than is read; outputs do not count.</summary>
    private bool IsTooLarge { get; set; }

    /// <summary>The notebook, or null and an error with line and column.</summary>
    public static NotebookFile? Read(SourceFile file, ReadOnlyMemory<byte> content, List<Finding> findings)
    {
        var notebook = new NotebookFile(file, content);
        try
        {
            var reader = new Utf8JsonReader(content.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!notebook.Read(ref reader))
            {
                findings.Add(notebook.IsTooLarge ? SourceEncoding.TooLarge(file) : Finding.Error("notebook-invalid", new SourcePosition(file.Path, notebook.places.Line),
                    "The JSON is no notebook: its cells have another shape.",
                    "Open and save the notebook in Jupyter."));
                return null;
            }

            return notebook;
        }
        catch (JsonException problem)
        {
            findings.Add(Finding.Error("notebook-not-json",
                new SourcePosition(file.Path, (int)(problem.LineNumber ?? 0) + 1, (int)(problem.BytePositionInLine ?? 0) + 1),
                "The notebook is no JSON from here on.", "Resolve merge conflicts, then open and save the notebook in Jupyter."));
            return null;
        }
    }

    private bool Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref reader);
            reader.Read();
            if (name == "nbformat" && reader.TokenType == JsonTokenType.Number)
                Format = reader.TryGetInt32(out var format) ? format : -1;
            else if (name == "metadata" && reader.TokenType == JsonTokenType.StartObject)
                ReadMetadata(ref reader);
            else if (name == "cells" && !ReadLastCells(ref reader))
                return false;
            else if (name == "worksheets" && !ReadWorksheets(ref reader))
                return false;
            else
                reader.Skip();
        }

        // What stands behind the end is found by reading on.
        reader.Read();
        return true;
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref reader);
            reader.Read();
            if (name is "kernelspec" or "language_info" && reader.TokenType == JsonTokenType.StartObject)
                ReadLanguage(ref reader, isKernel: name == "kernelspec");
            else if (name == "claimed")
                KeepClaimed(ref reader);
            else
                reader.Skip();
        }
    }

    private void KeepClaimed(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        var line = content.Span[..start].Count((byte)'\n') + 1;
        Claimed = (content[start..(int)reader.BytesConsumed], new SourcePosition(file.Path, line, 1));
    }

    /// <summary>The kernel says its language, or its name tells it: `ir` is that of R.</summary>
    private void ReadLanguage(ref Utf8JsonReader reader, bool isKernel)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref reader);
            reader.Read();
            var isText = reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length < 100 && !reader.ValueIsEscaped;
            if (isText && name == (isKernel ? "language" : "name"))
                Language = Encoding.UTF8.GetString(reader.ValueSpan).ToLowerInvariant();
            else if (isText && isKernel && name == "name" && Language.Length == 0 && reader.ValueSpan.SequenceEqual("ir"u8))
                Language = "r";
            else
                reader.Skip();
        }
    }

    /// <summary>Of a key that stands twice, who runs the notebook knows the last one only.</summary>
    private bool ReadLastCells(ref Utf8JsonReader reader)
    {
        Cells.Clear();
        return ReadCells(ref reader);
    }

    private bool ReadWorksheets(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isCells = Name(ref reader) == "cells";
                reader.Read();
                if (!isCells)
                    reader.Skip();
                else if (!ReadCells(ref reader))
                    return false;
            }
        }

        return reader.TokenType == JsonTokenType.EndArray;
    }

    private bool ReadCells(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (!ReadCell(ref reader))
                return false;
        }

        return reader.TokenType == JsonTokenType.EndArray;
    }

    private bool ReadCell(ref Utf8JsonReader reader)
    {
        var kind = "";
        var hasSource = false;
        var text = new StringBuilder();
        var cell = new CellPlaces(Cells.Count + 1, [], []);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref reader);
            reader.Read();
            if (name == "cell_type" && reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && reader.ValueSpan.Length < 100)
                kind = Encoding.UTF8.GetString(reader.ValueSpan);
            else if (name == "source" || (name == "input" && !hasSource))
            {
                hasSource = name == "source";
                text.Clear();
                cell.Strings.Clear();
                cell.Columns.Clear();
                if (!ReadSource(ref reader, text, cell))
                    return false;
            }
            else
                reader.Skip();
        }

        Cells.Add(new NotebookCell(kind, new CodeText(file.Path, text.ToString(), cell)));
        return true;
    }

    /// <summary>A string, or a list of strings that belong together without anything between them.</summary>
    private bool ReadSource(ref Utf8JsonReader reader, StringBuilder text, CellPlaces cell)
    {
        if (reader.TokenType == JsonTokenType.String)
            return Append(ref reader, text, cell);
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            if (!Append(ref reader, text, cell))
                return false;
        }

        return reader.TokenType == JsonTokenType.EndArray;
    }

    private bool Append(ref Utf8JsonReader reader, StringBuilder text, CellPlaces cell)
    {
        codeLength += reader.BytesConsumed - reader.TokenStartIndex;
        IsTooLarge = SourceEncoding.IsTooLarge(codeLength);
        return !IsTooLarge && places.Append((int)reader.TokenStartIndex, (int)reader.BytesConsumed - 1, text, cell);
    }

    private static string Name(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped || reader.ValueSpan.Length > 100 ? "" : Encoding.UTF8.GetString(reader.ValueSpan);
}
