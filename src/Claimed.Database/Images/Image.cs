namespace Claimed.Database.Images;

/// <summary>A repository of the OCI store, for example <c>acme/filter</c>.</summary>
public sealed class ImageRepository
{
    public long Id { get; set; }

    public required string Name { get; set; }

    public long CreatedAt { get; set; }

    /// <summary>How often a manifest of it was fetched, those that are gone by now included.</summary>
    public long Pulls { get; set; }
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

    /// <summary>JSON object of strings as pushed; null without any.</summary>
    public string? Annotations { get; set; }

    public long CreatedAt { get; set; }

    /// <summary>How often it was fetched.</summary>
    public long Pulls { get; set; }
}

/// <summary>A movable name of a manifest.</summary>
public sealed class ImageTag
{
    public long RepositoryId { get; set; }

    public required string Name { get; set; }

    public required string ManifestDigest { get; set; }

    public long UpdatedAt { get; set; }
}

/// <summary>What a manifest needs to be whole: its config, layers or, in an index, manifests. Keeps deletion from breaking an image.</summary>
public sealed class ImageReference
{
    public long RepositoryId { get; set; }

    public required string ManifestDigest { get; set; }

    /// <summary>The blob or manifest that is needed.</summary>
    public required string Digest { get; set; }
}
