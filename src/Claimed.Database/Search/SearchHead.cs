namespace Claimed.Database.Search;

/// <summary>The one row that says how far the search index has followed the catalog. Whoever writes the index holds it first.</summary>
public sealed class SearchHead
{
    /// <summary>Stands for an index that nothing was written to.</summary>
    public const long Nothing = -1;

    public int Id { get; set; }

    /// <summary>What every event up to this one changed is in the index.</summary>
    public long Serial { get; set; }

    /// <summary>How the index was made: a program that makes it otherwise writes all of it anew.</summary>
    public int Format { get; set; }
}

/// <summary>What is in the index of one component. The words themselves lie in <c>search_index</c>, which each database has in its own way.</summary>
public sealed class SearchDocument
{
    public long ComponentId { get; set; }

    /// <summary>The catalog it was made from had seen this event; what an older one says never takes its place.</summary>
    public long Serial { get; set; }

    /// <summary><c>sha256:…</c> of the words; empty when they were taken out, or some could not be read.</summary>
    public required string Digest { get; set; }
}
