using Claimed.Registry.Http;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>What the SDK's registry client is refused, in its words: packages, versions, tags.</summary>
internal static class KfpRefusals
{
    public static Refusal NoVersion(KfpPackage package, string reference) => new(404, "version-not-found", "There is no such version.",
        $"{package.Component.Subject} has nothing that {VersionReference.Quoted(reference)} names: a version is sha256: and 64 hex digits; the tags are {string.Join(", ", package.Tags.Take(5).Select(tag => tag.Tag))}.");

    public static Refusal NoTag(KfpPackage package, string tag) => new(404, "channel-not-found", "There is no such tag.",
        $"{package.Component.Subject} has no tag {VersionReference.Quoted(tag)}.");

    public static Refusal TagExists(KfpPackage package, string tag) => new(409, "tag-exists", "The tag exists.",
        $"{package.Component.Subject} has a tag {VersionReference.Quoted(tag)}: move it with update_tag.");

    public static Refusal TagIsNumber(KfpPackage package, string tag) => new(409, "tag-immutable", "The tag is the number of a version.",
        $"{VersionReference.Quoted(tag)} is a number, which {package.Component.Subject} gives to one version for ever: upload with it as a tag, and use words for what moves.");
}
