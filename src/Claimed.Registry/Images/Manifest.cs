namespace Claimed.Registry.Images;

/// <summary>A pointer in a manifest.</summary>
/// <param name="Size">Bytes, as the manifest says.</param>
/// <param name="Platform"><c>os/architecture[/variant]</c> of an entry of an index.</param>
/// <param name="IsOutside">True when the content is to be had elsewhere (<c>urls</c>) and need not be pushed.</param>
public sealed record ImageDescriptor(string MediaType, string Digest, long Size, string? Platform, bool IsOutside);

/// <summary>What a manifest or index says, as far as a registry cares.</summary>
/// <param name="MediaType">One of <see cref="MediaTypes"/>.</param>
/// <param name="ArtifactType">As referrers show it: the manifest's own, else its config's media type.</param>
/// <param name="Subject">Digest of the manifest that this one refers to.</param>
public sealed record Manifest(
    string MediaType, string? ArtifactType, string? Subject, ImageDescriptor? Config, IReadOnlyList<ImageDescriptor> Layers,
    IReadOnlyList<ImageDescriptor> Manifests, IReadOnlyDictionary<string, string> Annotations)
{
    /// <summary>Config and layers that must lie in the repository.</summary>
    public IEnumerable<string> NeededBlobs =>
        (Config is null ? Layers : Layers.Prepend(Config)).Where(blob => !blob.IsOutside).Select(blob => blob.Digest).Distinct(StringComparer.Ordinal);
}

/// <summary>The media types of manifests that the store takes.</summary>
public static class MediaTypes
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";

    public static bool IsManifest(string type) => type is OciManifest or OciIndex or DockerManifest or DockerList;

    public static bool IsIndex(string type) => type is OciIndex or DockerList;
}
