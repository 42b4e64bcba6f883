using Claimed.Database.Images;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images.Browse;

/// <summary>Tells all that the registry knows of one image.</summary>
public sealed class ImageDescription(RegistryDatabase database, IBlobStore blobs, ExpiredImages expired, RegistryUrls urls)
{
    /// <summary>Null when the repository has no such tag or manifest.</summary>
    /// <exception cref="BlobLostException">The manifest's bytes are lost.</exception>
    public async Task<ImageDocument?> OfAsync(ImageRepository repository, string tagOrDigest, CatalogView view, CancellationToken cancellation)
    {
        var row = await database.ReadAsync(db => db.Manifests.SingleOrDefaultAsync(found => found.RepositoryId == repository.Id
            && (found.Digest == tagOrDigest || db.Tags.Any(tag => tag.RepositoryId == repository.Id && tag.Name == tagOrDigest && tag.ManifestDigest == found.Digest)), cancellation), cancellation);
        if (row is null || expired.Hides(repository.Name, tagOrDigest))
            return null;
        var manifest = ManifestReader.Read(await blobs.ReadAllAsync(row.Digest, cancellation), row.MediaType);
        var config = await ConfigAsync(repository, manifest, cancellation);
        var (tags, bytes, children) = await database.ReadAsync(async db => (
            await db.Tags.Where(tag => tag.RepositoryId == repository.Id && tag.ManifestDigest == row.Digest).OrderBy(tag => tag.Name).Select(tag => tag.Name).ToListAsync(cancellation),
            (await ImageQueries.BytesAsync(db, repository.Id, [row.Digest], cancellation))[row.Digest],
            await ReferrersAsync(db, repository, row.Digest, cancellation)), cancellation);
        string[] platforms = config?.Platform is { } own ? [own] : [.. manifest.Manifests.Select(entry => entry.Platform).OfType<string>().Where(platform => platform.Length > 0).Distinct(StringComparer.Ordinal)];
        return new ImageDocument(repository.Name, row.Digest, row.MediaType, row.ArtifactType, row.Subject, bytes, row.CreatedAt, row.Pulls, tags, platforms, config,
            [.. manifest.Layers.Select(layer => new LayerDocument(layer.Digest, layer.MediaType, layer.Size))],
            [.. manifest.Manifests.Select(entry => new EntryDocument(entry.Digest, entry.MediaType, string.IsNullOrEmpty(entry.Platform) ? null : entry.Platform))],
            manifest.Annotations, UsesOf(row.Digest, view), children, LinksOf(repository.Name, row.Digest));
    }

    private async Task<ImageConfig?> ConfigAsync(ImageRepository repository, Manifest manifest, CancellationToken cancellation)
    {
        if (manifest.Config is not { Size: <= ImageConfig.MaxBytes } config || !ImageConfig.IsOfImage(config.MediaType))
            return null;
        // One that another registry still has is not fetched for this, and one of another repository is not shown.
        var size = await database.ReadAsync(db => db.RepositoryBlobs.Where(row => row.RepositoryId == repository.Id && row.Digest == config.Digest).Select(row => (long?)row.Size).SingleOrDefaultAsync(cancellation), cancellation);
        return size is <= ImageConfig.MaxBytes ? ImageConfig.Read(await blobs.ReadAllAsync(config.Digest, cancellation)) : null;
    }

    private static async Task<List<ReferrerDocument>> ReferrersAsync(Database.RegistryContext db, ImageRepository repository, string digest, CancellationToken cancellation)
    {
        var found = await db.Manifests.Where(row => row.RepositoryId == repository.Id && row.Subject == digest).OrderBy(row => row.CreatedAt).ThenBy(row => row.Digest).ToListAsync(cancellation);
        var referrers = found.ConvertAll(row => Document(row, ReferrerKind.Of(row.ArtifactType, []), null));
        var prefix = digest.Replace(':', '-') + ".";
        var tagged = await db.Tags.Where(row => row.RepositoryId == repository.Id && row.Name.StartsWith(prefix))
            .Join(db.Manifests.Where(row => row.RepositoryId == repository.Id), tag => tag.ManifestDigest, row => row.Digest, (tag, row) => new { tag.Name, Row = row }).ToListAsync(cancellation);
        referrers.AddRange(tagged.Where(one => found.TrueForAll(row => row.Digest != one.Row.Digest)).OrderBy(one => one.Name, StringComparer.Ordinal)
            .Select(one => Document(one.Row, ReferrerKind.OfTag(one.Name) ?? ReferrerKind.Other, one.Name)));
        return referrers;
    }

    private static ReferrerDocument Document(ImageManifest row, string kind, string? tag) => new(row.Digest, kind, row.ArtifactType, row.MediaType, tag,
        row.Annotations is null ? new Dictionary<string, string>() : Json.Read<Dictionary<string, string>>(row.Annotations));

    private ImageUseDocument[] UsesOf(string digest, CatalogView view) => !Sha256.TryParse(digest, out var wanted) ? [] :
    [
        .. view.FindDigest(wanted).Where(use => use.Kind == DigestUse.Image).OrderBy(use => use.Key, StringComparer.Ordinal)
            .Select(use => new ImageUseDocument(use.Component.Subject, use.Version.Number.ToString(), urls.Version(use.Component.Namespace, use.Component.Name, use.Version.Number.ToString()))),
    ];

    private Dictionary<string, string> LinksOf(string repository, string digest) => new(StringComparer.Ordinal)
    {
        ["self"] = $"{urls.Image(repository)}/manifests/{digest}",
        ["manifest"] = $"{urls.Base}/v2/{repository}/manifests/{digest}",
        ["pull"] = $"{urls.ImageHost}/{repository}@{digest}",
    };
}
