namespace Claimed.Database.Catalog;

/// <summary>A movable name that a publisher set; <c>latest</c> has a row only while a publisher holds it.</summary>
public sealed class Channel
{
    public long ComponentId { get; set; }

    public Component? Component { get; set; }

    public required string Name { get; set; }

    public long VersionId { get; set; }

    public ComponentVersion? Version { get; set; }

    /// <summary>Counts moves; the ETag for If-Match.</summary>
    public long Revision { get; set; }

    public long UpdatedAt { get; set; }
}
