namespace Claimed.Registry.Images.Browse;

/// <summary>A repository of images.</summary>
/// <param name="Name"><c>namespace/name</c>, or deeper.</param>
/// <param name="Bytes">Of its distinct blobs and manifests, as far as they are here; blobs that other repositories have too are stored once.</param>
/// <param name="Pulls">How often a manifest was fetched, some seconds late.</param>
/// <param name="CreatedAt">Unix milliseconds, as all times here.</param>
/// <param name="UpdatedAt">When a tag was set last; that of its making when there is none.</param>
/// <param name="Component">Whether the repository holds the images of a component.</param>
/// <param name="Upstream">The registry that it hands images on from; absent for images that were pushed.</param>
/// <param name="Links"><c>tags</c>, and <c>component</c> where there is one.</param>
public sealed record RepositoryDocument(
    string Name, int Tags, int Manifests, long Bytes, long Pulls, long CreatedAt, long UpdatedAt, bool Component, string? Upstream, IReadOnlyDictionary<string, string> Links);

/// <summary>A tag and what it names now.</summary>
/// <param name="Bytes">Of config and layers, as far as they are here; of an index, of all its images.</param>
public sealed record TagDocument(string Name, string Digest, string MediaType, string? ArtifactType, long Bytes, long UpdatedAt, IReadOnlyDictionary<string, string> Links);

/// <summary>An image, an index of images, or any other artifact.</summary>
/// <param name="Digest">Of its manifest.</param>
/// <param name="ArtifactType">Its own, else the media type of its config.</param>
/// <param name="Subject">Digest of the manifest that it says something of.</param>
/// <param name="Bytes">Of config and layers; of an index, of all its images.</param>
/// <param name="Tags">That name it now.</param>
/// <param name="Platforms"><c>os/architecture[/variant]</c>: one of an image, those of an index.</param>
/// <param name="Config">Of an image whose config is here; absent otherwise.</param>
/// <param name="Manifests">Entries of an index.</param>
/// <param name="UsedBy">Versions of components that you see and that run it.</param>
/// <param name="Referrers">SBOMs, signatures, provenance and whatever else names it as its subject.</param>
public sealed record ImageDocument(
    string Repository, string Digest, string MediaType, string? ArtifactType, string? Subject, long Bytes, long CreatedAt, long Pulls, IReadOnlyList<string> Tags,
    IReadOnlyList<string> Platforms, ImageConfig? Config, IReadOnlyList<LayerDocument> Layers, IReadOnlyList<EntryDocument> Manifests,
    IReadOnlyDictionary<string, string> Annotations, IReadOnlyList<ImageUseDocument> UsedBy, IReadOnlyList<ReferrerDocument> Referrers,
    IReadOnlyDictionary<string, string> Links);

/// <summary>A layer, or a file of an artifact.</summary>
public sealed record LayerDocument(string Digest, string MediaType, long Bytes);

/// <summary>An entry of an index.</summary>
public sealed record EntryDocument(string Digest, string MediaType, string? Platform);

/// <summary>A version that runs the image.</summary>
public sealed record ImageUseDocument(string Component, string Version, string Link);

/// <summary>Something that names an image as its subject.</summary>
/// <param name="Kind"><c>sbom</c>, <c>signature</c>, <c>provenance</c> or <c>other</c>, by its type.</param>
/// <param name="Tag">Where clients without the referrers API have put it; absent otherwise.</param>
public sealed record ReferrerDocument(string Digest, string Kind, string? ArtifactType, string MediaType, string? Tag, IReadOnlyDictionary<string, string> Annotations);
