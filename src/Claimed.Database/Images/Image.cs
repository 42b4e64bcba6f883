namespace Claimed.Database.Images;

/// <summary>A repository of the OCI store, for example <c>acme/filter</c>.</summary>
public sealed class ImageRepository
{
    public long Id { get; set; }

    public required string Name { get; set; }

    public long CreatedAt { get; set; }
}

/// <summary>A blob that is visible in a repository because it was pushed or mounted there.</summary>
public sealed class RepositoryBlob
{
    public long RepositoryId { get; set; }

    public required string Digest { get; set; }

    public long Size { get; set; }

    public long CreatedAt { get; set; }
}

/// <summary>A manifest of a repository; its bytes lie in the blob store under the same digest.</summary>
public sealed class ImageManifest
{
    public long RepositoryId { get; set; }

    public required string Digest { get; set; }

    /// <summary>As pushed, without parameters.</summary>
    public required string MediaType { get; set; }

    public long Size { get; set; }

    public string? ArtifactType { get; set; }

    /// <summary>Digest of the manifest that this one refers to.</summary>
    public string? Subject { get; set; }

    public long CreatedAt { get; set; }
}

/// <summary>A movable name of a manifest.</summary>
public sealed class ImageTag
{
    public long RepositoryId { get; set; }

    public required string Name { get; set; }

    public required string ManifestDigest { get; set; }

    public long UpdatedAt { get; set; }
}

/// <summary>An upload under way; its bytes lie in a file of the same id.</summary>
public sealed class ImageUpload
{
    public required string Id { get; set; }

    public long RepositoryId { get; set; }

    public long CreatedAt { get; set; }
}
