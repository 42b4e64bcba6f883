namespace Claimed.Registry.Images;

/// <summary>What a path under <c>/v2/</c> asks for.</summary>
public enum ImageResource
{
    Base,
    Blob,
    Uploads,
    Upload,
    Manifest,
    Tags,
    Referrers,
    Unknown,
}

/// <summary>A path under <c>/v2/</c>, read from its right end: names have slashes and may contain the fixed words themselves.</summary>
/// <param name="Repository">Not yet held against the grammar.</param>
/// <param name="Reference">Digest, tag or upload; empty where the resource has none.</param>
public readonly record struct ImageRoute(ImageResource Resource, string Repository, string Reference)
{
    /// <param name="path">After <c>/v2</c>, decoded once.</param>
    public static ImageRoute Parse(string path)
    {
        var parts = (path.StartsWith('/') ? path[1..] : path).Split('/');
        return parts switch
        {
            [""] => new ImageRoute(ImageResource.Base, "", ""),
            [.. var name, "manifests", var reference] => new ImageRoute(ImageResource.Manifest, Join(name), reference),
            [.. var name, "tags", "list"] => new ImageRoute(ImageResource.Tags, Join(name), ""),
            [.. var name, "referrers", var digest] => new ImageRoute(ImageResource.Referrers, Join(name), digest),
            [.. var name, "blobs", "uploads"] => new ImageRoute(ImageResource.Uploads, Join(name), ""),
            [.. var name, "blobs", "uploads", ""] => new ImageRoute(ImageResource.Uploads, Join(name), ""),
            [.. var name, "blobs", "uploads", var id] => new ImageRoute(ImageResource.Upload, Join(name), id),
            [.. var name, "blobs", var digest] => new ImageRoute(ImageResource.Blob, Join(name), digest),
            _ => new ImageRoute(ImageResource.Unknown, "", ""),
        };
    }

    private static string Join(string[] name) => string.Join('/', name);
}
