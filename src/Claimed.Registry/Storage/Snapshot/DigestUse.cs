namespace Claimed.Registry.Storage.Snapshot;

/// <summary>Something in the catalog that has a digest.</summary>
/// <param name="Form">Of a rendition; <c>bundle</c> for the archive's bytes; else null.</param>
public sealed record DigestUse(string Kind, ComponentEntry Component, VersionEntry Version, string? Form)
{
    public const string Bundle = "bundle";
    public const string Definition = "definition";
    public const string Image = "image";
    public const string Rendition = "rendition";

    /// <summary>Its place in lists.</summary>
    public string Key => $"{Component.Subject} {Version.Number} {Kind} {Form}";

    /// <summary>Everything of one version that has this digest.</summary>
    internal static IEnumerable<DigestUse> In(ComponentEntry component, VersionEntry version, Sha256 digest)
    {
        if (version.Bundle == digest)
            yield return new DigestUse(Bundle, component, version, null);
        if (version.Blob == digest)
            yield return new DigestUse(Bundle, component, version, Bundle);
        if (version.DefinitionHash == digest)
            yield return new DigestUse(Definition, component, version, null);
        if (version.ImageHash == digest)
            yield return new DigestUse(Image, component, version, null);
        foreach (var form in version.Renditions.FormsWith(digest))
            yield return new DigestUse(Rendition, component, version, form);
    }
}
