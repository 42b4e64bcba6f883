namespace Claimed.Database.Catalog;

/// <summary>How often one kind of client read a version on one day.</summary>
public sealed class VersionRead
{
    public long VersionId { get; set; }

    /// <summary>A word of a short list, such as <c>kfp</c>; never what a client calls itself.</summary>
    public required string Client { get; set; }

    /// <summary>Days since 1970-01-01, UTC.</summary>
    public int Day { get; set; }

    public long Count { get; set; }
}

/// <summary>How often any version of a component was ever read; the order of what a search finds.</summary>
public sealed class ComponentReads
{
    public long ComponentId { get; set; }

    public long Count { get; set; }
}
