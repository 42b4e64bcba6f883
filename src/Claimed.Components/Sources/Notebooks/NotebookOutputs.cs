using System.Text.Json;

namespace Claimed.Components.Sources.Notebooks;

/// <summary>Takes out of notebooks what running them left behind.</summary>
public static class NotebookOutputs
{
    private const int MaxDepth = 1000;

    /// <summary>The same files; notebooks without outputs and execution counts, everything else of them byte for byte.</summary>
    public static IReadOnlyList<SourceFile> Without(IReadOnlyList<SourceFile> files) => files.Any(file => file.Extension == ".ipynb")
        ? [.. files.Select(file => file.Extension == ".ipynb" ? file with { Content = Without(file.Content) } : file)]
        : files;

    /// <summary>The notebook without outputs; one that has none, or is no JSON, comes back as it is.</summary>
    public static ReadOnlyMemory<byte> Without(ReadOnlyMemory<byte> notebook)
    {
        var cuts = new List<Cut>();
        try
        {
            var reader = new Utf8JsonReader(notebook.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
            Find(ref reader, notebook.Span, cuts);
        }
        catch (JsonException)
        {
            // Whoever reads it says where it is broken.
            return notebook;
        }

        return cuts.Count == 0 ? notebook : Joined(notebook.Span, cuts);
    }

    /// <summary>A value that goes.</summary>
    /// <param name="IsList">True for outputs, which become an empty list; a count becomes null.</param>
    private readonly record struct Cut(int Start, int End, bool IsList)
    {
        public ReadOnlySpan<byte> Replacement => IsList ? "[]"u8 : "null"u8;
    }

    private static void Find(ref Utf8JsonReader reader, ReadOnlySpan<byte> notebook, List<Cut> cuts)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSheets = IsNamed(ref reader, "worksheets"u8);
            if (!isSheets)
            {
                FindInCells(ref reader, notebook, cuts);
                continue;
            }

            // Format 3.
            reader.Read();
            var depth = reader.CurrentDepth;
            while (reader.TokenType != JsonTokenType.EndArray && reader.Read() && reader.CurrentDepth > depth)
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 2)
                    FindInCells(ref reader, notebook, cuts);
            }
        }
    }

    /// <summary>Passes over the value of the property at hand, and looks into it when it is the list of cells.</summary>
    private static void FindInCells(ref Utf8JsonReader reader, ReadOnlySpan<byte> notebook, List<Cut> cuts)
    {
        var isCells = IsNamed(ref reader, "cells"u8);
        reader.Read();
        if (!isCells || reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                FindInCell(ref reader, notebook, cuts);
            else
                reader.Skip();
        }
    }

    private static void FindInCell(ref Utf8JsonReader reader, ReadOnlySpan<byte> notebook, List<Cut> cuts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isOutputs = IsNamed(ref reader, "outputs"u8);
            var isCount = IsNamed(ref reader, "execution_count"u8);
            reader.Read();
            var (start, kind) = ((int)reader.TokenStartIndex, reader.TokenType);
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            if (isOutputs && kind == JsonTokenType.StartArray && !notebook[(start + 1)..(end - 1)].Trim(" \t\r\n"u8).IsEmpty)
                cuts.Add(new Cut(start, end, IsList: true));
            else if (isCount && kind == JsonTokenType.Number)
                cuts.Add(new Cut(start, end, IsList: false));
        }
    }

    // Who writes notebooks escapes no letter, and half a character in a name must not be unescaped.
    private static bool IsNamed(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => !reader.ValueIsEscaped && reader.ValueSpan.SequenceEqual(name);

    private static byte[] Joined(ReadOnlySpan<byte> notebook, List<Cut> cuts)
    {
        var joined = new byte[notebook.Length + cuts.Sum(cut => cut.Replacement.Length - (cut.End - cut.Start))];
        var (from, to) = (0, 0);
        foreach (var cut in cuts)
        {
            notebook[from..cut.Start].CopyTo(joined.AsSpan(to));
            to += cut.Start - from;
            cut.Replacement.CopyTo(joined.AsSpan(to));
            to += cut.Replacement.Length;
            from = cut.End;
        }

        notebook[from..].CopyTo(joined.AsSpan(to));
        return joined;
    }
}
