using System.Text.RegularExpressions;
using Claimed.Components.Renditions;
using Claimed.Database;
using Claimed.Database.Catalog;
using Claimed.Database.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images;

/// <summary>
/// Tags <c>sha256-….att</c>, <c>.sig</c>, <c>.sbom</c>: by these, clients that know no referrers find what is said of an image. They are no names of
/// their own: they stay exactly as long as the image whose digest they have.
/// </summary>
internal static partial class AttachedTags
{
    public const string Attestations = ".att";
    public const string Signatures = ".sig";

    public static string Of(string image, string kind) => image.Replace(':', '-') + kind;

    /// <summary>The digest of the image that such a tag is about; null for any other tag.</summary>
    public static string? ImageOf(string tag) => Attached.Match(tag) is { Success: true } match ? $"{match.Groups[1].Value}:{match.Groups[2].Value}" : null;

    /// <summary>Those of an image in a repository; the index on names finds them.</summary>
    public static IQueryable<ImageTag> About(RegistryContext db, long repository, string image)
    {
        var (after, before) = (image.Replace(':', '-') + ".", image.Replace(':', '-') + "/");
        return db.Tags.Where(row => row.RepositoryId == repository && string.Compare(row.Name, after) > 0 && string.Compare(row.Name, before) < 0);
    }

    /// <summary>Takes those of images away that leave the repository in this transaction; what they named goes with the collection.</summary>
    public static async Task RemoveAsync(Change change, string repository, long id, IEnumerable<string> images)
    {
        foreach (var image in images)
        {
            var tags = await About(change.Db, id, image).Select(row => row.Name).ToListAsync(change.Cancellation);
            await Grace.OfTagsAsync(change, id, tags);
            await change.Db.Tags.Where(row => row.RepositoryId == id && tags.Contains(row.Name)).ExecuteDeleteAsync(change.Cancellation);
            foreach (var tag in tags)
                change.Tell(ImageEvents.Untagged, repository, new { tag });
        }
    }

    /// <summary>Of these tags those whose images are in the repository.</summary>
    public static async Task<IReadOnlySet<string>> StandingAsync(RegistryContext db, long repository, IEnumerable<string> tags, CancellationToken cancellation)
    {
        var standing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in tags.Select(tag => (Tag: tag, Image: ImageOf(tag))).Where(one => one.Image is not null).Chunk(ImageRows.MostValues))
        {
            var images = part.Select(one => one.Image!).Distinct(StringComparer.Ordinal).ToArray();
            var there = await db.Manifests.Where(row => row.RepositoryId == repository && images.Contains(row.Digest)).Select(row => row.Digest).ToListAsync(cancellation);
            standing.UnionWith(part.Where(one => there.Contains(one.Image!)).Select(one => one.Tag));
        }
        return standing;
    }

    /// <summary>The ready version that this tag, or a tag of this manifest, says something of; null for none.</summary>
    public static async Task<string?> VersionAboutAsync(Change change, string repository, IEnumerable<string> tags)
    {
        var images = tags.Select(ImageOf).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        return images.Length == 0 ? null : await OfComponent(change.Db, repository).Where(row => images.Contains(row.ImageDigest!)).Select(row => row.Number).FirstOrDefaultAsync(change.Cancellation);
    }

    /// <summary>The ready version whose evidence this manifest holds; null for none.</summary>
    public static async Task<string?> VersionWithAsync(Change change, string repository, long id, string manifest) =>
        await VersionAboutAsync(change, repository, await change.Db.Tags.Where(row => row.RepositoryId == id && row.ManifestDigest == manifest).Select(row => row.Name).ToListAsync(change.Cancellation))
        ?? await change.Db.ImageReferences.Where(row => row.RepositoryId == id && row.ManifestDigest == manifest)
            .Join(change.Db.Renditions.Where(row => row.Form == RenditionForm.Provenance || row.Form == RenditionForm.Contents), row => row.Digest, row => row.Digest, (_, row) => row.VersionId)
            .Join(OfComponent(change.Db, repository), row => row, row => row.Id, (_, row) => row.Number).FirstOrDefaultAsync(change.Cancellation);

    /// <summary>The ready version whose statements a manifest leaves out that shall have the tag where they lie; null for none.</summary>
    public static async Task<string?> VersionLeftOutAsync(Change change, string repository, IEnumerable<string> tags, Manifest manifest)
    {
        var images = tags.Where(tag => tag.EndsWith(Attestations, StringComparison.Ordinal)).Select(ImageOf).OfType<string>().ToArray();
        if (images.Length == 0)
            return null;
        var held = manifest.NeededBlobs.ToArray();
        return await OfComponent(change.Db, repository)
            .Where(row => images.Contains(row.ImageDigest!) && row.Renditions.Any(form => (form.Form == RenditionForm.Provenance || form.Form == RenditionForm.Contents) && !held.Contains(form.Digest)))
            .Select(row => row.Number).FirstOrDefaultAsync(change.Cancellation);
    }

    /// <summary>The component's ready versions of which the registry says something.</summary>
    private static IQueryable<ComponentVersion> OfComponent(RegistryContext db, string repository)
    {
        var (space, name) = (RepositoryNames.SpaceOf(repository), RepositoryNames.NameOf(repository));
        return db.Versions.Where(row => row.State == VersionState.Ready && row.Component!.Name == name && row.Component.Namespace!.Name == space
            && row.Renditions.Any(form => form.Form == RenditionForm.Provenance));
    }

    [GeneratedRegex(@"\A(sha256|sha512)-([0-9a-f]{64}|[0-9a-f]{128})\.[a-z]{1,16}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Attached { get; }
}
