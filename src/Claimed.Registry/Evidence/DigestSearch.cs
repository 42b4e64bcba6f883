using Claimed.Database;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Database.Images;
using Claimed.Registry.Access;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Evidence;

/// <summary>
/// Finds a digest in the image store and among base images, by the indexes on digests, and goes up from there to versions. Only repositories that the
/// caller sees are looked into. Without a database what the catalog in memory says is the answer.
/// </summary>
public sealed class DigestSearch(RegistryDatabase database, IBlobStore blobs)
{
    // The layers of a base image are in every image on it; whoever asks for one of them wants to know what it is, not a list of thousands.
    private const int MostRows = 5000;
    private const int Part = 500;
    private const int MaxDepth = 4;

    /// <summary>Namespaces of which the caller sees something, so that rows of others take no place in what is read. What a token's pattern leaves out is left to the view.</summary>
    private static IQueryable<Namespace> Seen(RegistryContext db, CatalogView view)
    {
        var own = view.Namespaces.Where(space => space.IsPrivate).Select(space => space.Name).ToArray();
        return db.Namespaces.Where(space => !space.IsPrivate || EF.Parameter(own).Contains(space.Name));
    }

    /// <summary>Their repositories.</summary>
    private static IQueryable<ImageRepository> Repositories(RegistryContext db, CatalogView view)
    {
        var spaces = Seen(db, view);
        return db.Repositories.Where(owner => spaces.Any(space => space.Name == owner.Name.Substring(0, (owner.Name + "/").IndexOf("/"))));
    }

    /// <summary>A manifest of a repository, with what it is in regard to the digest.</summary>
    private sealed record Place(long RepositoryId, string Repository, string Manifest);

    public async Task<IReadOnlyList<FoundDigest>> InImagesAsync(string digest, CatalogView view, CancellationToken cancellation)
    {
        try
        {
            return await database.ReadAsync(async db => (IReadOnlyList<FoundDigest>)
            [
                .. await ManifestAsync(db, digest, view, cancellation),
                .. await PartsAsync(db, digest, view, cancellation),
                .. await BasesAsync(db, digest, view, cancellation),
            ], cancellation);
        }
        catch (Exception fault) when (DatabaseFaults.IsAway(fault))
        {
            return [];
        }
    }

    /// <summary>Who published the versions, by their ids.</summary>
    public async Task<IReadOnlyDictionary<long, string?>> PublishersAsync(IReadOnlyList<FoundDigest> uses, CancellationToken cancellation)
    {
        try
        {
            var ids = uses.Select(use => use.Version?.Id).OfType<long>().Distinct().Take(MostRows).ToArray();
            return ids.Length == 0 ? new Dictionary<long, string?>()
                : await database.ReadAsync(db => db.Versions.Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.PublishedBy, cancellation), cancellation);
        }
        catch (Exception fault) when (DatabaseFaults.IsAway(fault))
        {
            return new Dictionary<long, string?>();
        }
    }

    /// <summary>The digest as a manifest: an image that no version has, one of an index, or something that is said of an image.</summary>
    private static async Task<IReadOnlyList<FoundDigest>> ManifestAsync(RegistryContext db, string digest, CatalogView view, CancellationToken cancellation)
    {
        var rows = await db.Manifests.Where(row => row.Digest == digest).Join(Repositories(db, view), row => row.RepositoryId, owner => owner.Id, (row, owner) => new { owner.Id, owner.Name, row.Subject, row.ArtifactType })
            .Take(MostRows).ToListAsync(cancellation);
        var found = new List<FoundDigest>();
        foreach (var row in rows.Where(row => view.Sees(row.Name)))
        {
            var subject = row.Subject ?? (await db.Tags.Where(tag => tag.RepositoryId == row.Id && tag.ManifestDigest == digest).Select(tag => tag.Name).ToListAsync(cancellation))
                .Select(AttachedTags.ImageOf).FirstOrDefault(image => image is not null);
            var place = new Place(row.Id, row.Name, subject ?? digest);
            var above = subject is null ? await AboveAsync(db, [place], cancellation) : [place];
            var kind = subject is not null ? FoundDigest.Statement : FoundDigest.PlatformImage;
            var versions = await VersionsAsync(db, above, view, cancellation);
            found.AddRange(versions.Where(version => subject is not null || version.Image != digest).Select(version => version.As(kind, row.ArtifactType)));
            if (versions.Count == 0)
                found.Add(new FoundDigest(subject is null ? DigestUse.Image : kind, row.Name, null, null, null, subject, row.ArtifactType));
        }
        return found;
    }

    /// <summary>The digest as a configuration or layer of images.</summary>
    private async Task<IReadOnlyList<FoundDigest>> PartsAsync(RegistryContext db, string digest, CatalogView view, CancellationToken cancellation)
    {
        var rows = await db.RepositoryBlobs.Where(row => row.Digest == digest)
            .Join(db.ImageReferences, row => new { row.RepositoryId, row.Digest }, user => new { user.RepositoryId, user.Digest }, (row, user) => new { user.RepositoryId, user.ManifestDigest })
            .Join(Repositories(db, view), row => row.RepositoryId, owner => owner.Id, (row, owner) => new Place(owner.Id, owner.Name, row.ManifestDigest)).Take(MostRows).ToListAsync(cancellation);
        var seen = rows.Where(row => view.Sees(row.Repository)).ToList();
        if (seen.Count == 0)
            return [];
        var (statements, images) = await SplitAsync(db, seen, cancellation);
        var told = (await VersionsAsync(db, statements, view, cancellation)).Select(version => version.As(FoundDigest.Statement, null));
        if (images.Count == 0)
            return [.. told];
        var kind = await RoleAsync(db, images[0], digest, cancellation);
        var above = await AboveAsync(db, images, cancellation);
        var versions = await VersionsAsync(db, above, view, cancellation);
        var inVersions = versions.Select(version => (version.Repository, version.Image)).ToHashSet();
        return
        [
            .. told,
            .. versions.Select(version => version.As(kind, null)),
            // Images that no version has, nor an index.
            .. above.Where(place => !inVersions.Contains((place.Repository, place.Manifest))).Select(place => new FoundDigest(kind, place.Repository, null, null, null, place.Manifest, null)),
        ];
    }

    /// <summary>Manifests that say something of an image, as that image; and the others.</summary>
    private static async Task<(List<Place> Statements, List<Place> Images)> SplitAsync(RegistryContext db, List<Place> places, CancellationToken cancellation)
    {
        var (statements, images) = (new List<Place>(), new List<Place>());
        foreach (var part in places.GroupBy(place => (place.RepositoryId, place.Repository)).SelectMany(owner => owner.Chunk(Part)))
        {
            var (id, digests) = (part[0].RepositoryId, part.Select(place => place.Manifest).ToArray());
            var subjects = await db.Manifests.Where(row => row.RepositoryId == id && digests.Contains(row.Digest) && row.Subject != null)
                .ToDictionaryAsync(row => row.Digest, row => row.Subject!, StringComparer.Ordinal, cancellation);
            foreach (var tag in await db.Tags.Where(row => row.RepositoryId == id && digests.Contains(row.ManifestDigest) && row.Name.StartsWith("sha")).ToListAsync(cancellation))
            {
                if (AttachedTags.ImageOf(tag.Name) is { } image)
                    subjects.TryAdd(tag.ManifestDigest, image);
            }
            foreach (var place in part)
            {
                if (subjects.TryGetValue(place.Manifest, out var subject))
                    statements.Add(place with { Manifest = subject });
                else
                    images.Add(place);
            }
        }
        return (statements, images);
    }

    /// <summary>The digest as a base image of builds whose image became a version's.</summary>
    private static async Task<IReadOnlyList<FoundDigest>> BasesAsync(RegistryContext db, string digest, CatalogView view, CancellationToken cancellation)
    {
        var spaces = Seen(db, view);
        var rows = await db.BuildBases.Where(row => row.Digest == digest)
            .Join(db.Builds.Where(build => build.State == BuildState.Succeeded), row => row.BuildId, build => build.Id, (row, build) => new { row.Name, Version = build.Version! })
            .Where(row => spaces.Any(space => space.Id == row.Version.Component!.NamespaceId))
            .Select(row => new { row.Name, row.Version.Number, Component = row.Version.Component!.Name, Space = row.Version.Component.Namespace!.Name }).Distinct().Take(MostRows).ToListAsync(cancellation);
        return [.. rows.Select(row => (row.Name, Component: view.Find(row.Space, row.Component), row.Number))
            .Select(row => (row.Name, row.Component, Version: row.Component?.Find(Semver.SemVersion.Parse(row.Number, Semver.SemVersionStyles.Strict))))
            .Where(row => row.Version is not null).Select(row => new FoundDigest(FoundDigest.Base, null, row.Component, row.Version, null, null, row.Name))];
    }

    /// <summary>The manifests themselves and the indexes that they are listed in, up to the outermost.</summary>
    private static async Task<List<Place>> AboveAsync(RegistryContext db, IReadOnlyList<Place> places, CancellationToken cancellation)
    {
        var all = places.ToHashSet();
        var below = places;
        for (var depth = 0; depth < MaxDepth && below.Count > 0; depth++)
        {
            var next = new List<Place>();
            foreach (var part in below.GroupBy(place => (place.RepositoryId, place.Repository)).SelectMany(owner => owner.Chunk(Part)))
            {
                var (id, repository) = (part[0].RepositoryId, part[0].Repository);
                var digests = part.Select(place => place.Manifest).ToArray();
                var users = await db.ImageReferences.Where(row => row.RepositoryId == id && digests.Contains(row.Digest)).Select(row => row.ManifestDigest).Distinct().ToListAsync(cancellation);
                next.AddRange(users.Select(user => new Place(id, repository, user)).Where(all.Add));
            }
            below = next;
        }
        return [.. all];
    }

    /// <summary>A version whose image is one of these manifests.</summary>
    private sealed record Owner(string Repository, string Image, ComponentEntry Component, VersionEntry Version)
    {
        public FoundDigest As(string kind, string? note) => new(kind, Repository, Component, Version, null, Image, note);
    }

    private static async Task<List<Owner>> VersionsAsync(RegistryContext db, IReadOnlyList<Place> places, CatalogView view, CancellationToken cancellation)
    {
        var owners = new List<Owner>();
        var spaces = Seen(db, view);
        var byDigest = places.ToLookup(place => place.Manifest, StringComparer.Ordinal);
        foreach (var part in byDigest.Select(one => one.Key).Chunk(Part))
        {
            var rows = await db.Versions.Where(row => part.Contains(row.ImageDigest!) && spaces.Any(space => space.Id == row.Component!.NamespaceId))
                .Select(row => new { row.Number, row.ImageDigest, Component = row.Component!.Name, Space = row.Component.Namespace!.Name }).Take(MostRows).ToListAsync(cancellation);
            foreach (var row in rows)
            {
                if (view.Find(row.Space, row.Component) is { } component && component.Find(Semver.SemVersion.Parse(row.Number, Semver.SemVersionStyles.Strict)) is { } version)
                    owners.Add(new Owner((byDigest[row.ImageDigest!].FirstOrDefault(place => place.Repository == component.Subject) ?? byDigest[row.ImageDigest!].First()).Repository, row.ImageDigest!, component, version));
            }
        }
        return owners;
    }

    /// <summary>Which of both it is stands in the manifest alone.</summary>
    private async Task<string> RoleAsync(RegistryContext db, Place place, string digest, CancellationToken cancellation)
    {
        try
        {
            var mediaType = await db.Manifests.Where(row => row.RepositoryId == place.RepositoryId && row.Digest == place.Manifest).Select(row => row.MediaType).SingleAsync(cancellation);
            return ManifestReader.Read(await blobs.ReadAllAsync(place.Manifest, cancellation), mediaType).Config?.Digest == digest ? FoundDigest.Config : FoundDigest.Layer;
        }
        catch (Exception fault) when (fault is BlobLostException or OciRefusedException)
        {
            return FoundDigest.Layer;
        }
    }
}
