namespace Claimed.Database.Catalog;

/// <summary>The bytes one client gets for one version. A row is never changed; a mended renderer adds a revision.</summary>
public sealed class Rendition
{
    public long VersionId { get; set; }

    public ComponentVersion? Version { get; set; }

    /// <summary>Last segment of its URL, for example <c>component.yaml</c>.</summary>
    public required string Form { get; set; }

    public int Revision { get; set; }

    /// <summary>Blob and ETag: <c>sha256:…</c> of the bytes.</summary>
    public required string Digest { get; set; }

    public long Size { get; set; }

    public long CreatedAt { get; set; }
}
