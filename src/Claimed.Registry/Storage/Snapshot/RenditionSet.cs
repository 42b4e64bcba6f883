using System.Diagnostics.CodeAnalysis;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>The bytes of one form: blob and size.</summary>
public sealed record RenditionEntry(string Form, int Revision, string Digest, long Size);

/// <summary>All revisions of all forms of one version; a handful, so that looking through them is the quickest way.</summary>
public readonly struct RenditionSet
{
    /// <summary>One row, in the order form, then newest revision first.</summary>
    internal readonly record struct Row(string Form, int Revision, long Size, Sha256 Digest);

    private readonly Row[] _rows;

    /// <summary>Takes the rows over and sorts them.</summary>
    internal RenditionSet(Row[] rows)
    {
        Array.Sort(rows, static (one, other) =>
            string.CompareOrdinal(one.Form, other.Form) is var order and not 0 ? order : other.Revision.CompareTo(one.Revision));
        _rows = rows;
    }

    internal ReadOnlySpan<Row> Rows => _rows;

    /// <summary>The forms that exist, in ordinal order.</summary>
    public IEnumerable<string> Keys => (_rows ?? []).Select(row => row.Form).Distinct(StringComparer.Ordinal);

    public bool ContainsKey(string form) => TryGetValue(form, out _);

    public RenditionEntry? GetValueOrDefault(string form) => TryGetValue(form, out var rendition) ? rendition : null;

    /// <summary>The newest revision of a form.</summary>
    public bool TryGetValue(string form, [NotNullWhen(true)] out RenditionEntry? rendition)
    {
        foreach (ref readonly var row in Rows)
        {
            if (row.Form == form)
            {
                rendition = Entry(row);
                return true;
            }
        }
        rendition = null;
        return false;
    }

    /// <summary>The rendition that has these bytes, whichever revision that is.</summary>
    public RenditionEntry? WithDigest(Sha256 digest)
    {
        foreach (ref readonly var row in Rows)
        {
            if (row.Digest == digest)
                return Entry(row);
        }
        return null;
    }

    /// <summary>The forms of which some revision has these bytes; two forms may have the same.</summary>
    public IReadOnlyList<string> FormsWith(Sha256 digest)
    {
        List<string>? forms = null;
        foreach (ref readonly var row in Rows)
        {
            if (row.Digest == digest && forms?.Contains(row.Form) != true)
                (forms ??= []).Add(row.Form);
        }
        return forms ?? (IReadOnlyList<string>)[];
    }

    private static RenditionEntry Entry(in Row row) => new(row.Form, row.Revision, row.Digest.ToString(), row.Size);
}
