namespace Claimed.Database.Catalog;

/// <summary>A wheel of a namespace's operators as it was made, and the archive for Elyra that was made with it; their bytes never change.</summary>
public sealed class StoredWheel
{
    public long NamespaceId { get; set; }

    public Namespace? Namespace { get; set; }

    /// <summary>Of the last event that changed what is in it.</summary>
    public long Serial { get; set; }

    /// <summary>Blob of the wheel, <c>sha256:…</c>.</summary>
    public required string Digest { get; set; }

    /// <summary>Bytes of the wheel.</summary>
    public long Size { get; set; }

    /// <summary>Versions of Python, as pip reads them.</summary>
    public required string RequiresPython { get; set; }

    /// <summary>Blob of the archive for Elyra's catalog of Airflow packages; empty once a newer wheel has one.</summary>
    public required string PackageDigest { get; set; }

    public long CreatedAt { get; set; }

    /// <summary>Whether a list had it or somebody downloaded it by its number: it stays.</summary>
    public bool Kept { get; set; }
}
