using System.Collections.Concurrent;
using Claimed.Database.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images;

/// <summary>A manifest as its row tells of it.</summary>
public sealed record StoredManifest(string Digest, string MediaType, long Size);

/// <summary>What the store holds, and the tags that other slices set in transactions of their own.</summary>
public sealed class ImageStore(RegistryDatabase database)
{
    // Repositories are never removed, so a known id stays right as long as this database does; who writes has it confirmed.
    private readonly ConcurrentDictionary<string, long> _ids = new(StringComparer.Ordinal);

    /// <summary>Digest of the manifest that a tag or digest names in this repository; null when there is none.</summary>
    public async Task<string?> ResolveTagAsync(string repository, string tagOrDigest, CancellationToken cancellation) =>
        (await FindManifestAsync(repository, tagOrDigest, cancellation))?.Digest;

    public Task<StoredManifest?> FindManifestAsync(string repository, string tagOrDigest, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        if (await FindIdAsync(db, repository, cancellation) is not { } id)
            return null;
        var manifests = db.Manifests.Where(row => row.RepositoryId == id);
        manifests = tagOrDigest.Contains(':')
            ? manifests.Where(row => row.Digest == tagOrDigest)
            : manifests.Where(row => db.Tags.Any(tag => tag.RepositoryId == id && tag.Name == tagOrDigest && tag.ManifestDigest == row.Digest));
        return await manifests.Select(row => new StoredManifest(row.Digest, row.MediaType, row.Size)).SingleOrDefaultAsync(cancellation);
    }, cancellation);

    /// <summary>Size of a blob that is visible in this repository; null when it is not.</summary>
    public Task<long?> FindBlobAsync(string repository, string digest, CancellationToken cancellation) => database.ReadAsync(async db =>
        await FindIdAsync(db, repository, cancellation) is { } id
            ? await db.RepositoryBlobs.Where(row => row.Digest == digest && row.RepositoryId == id).Select(row => (long?)row.Size).FirstOrDefaultAsync(cancellation)
            : null, cancellation);

    /// <summary>Size of a blob that any of the repositories has that may be looked into; null when none has it.</summary>
    public Task<long?> FindBlobAsync(string digest, Func<string, bool> mayLook, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        var owners = db.RepositoryBlobs.Where(row => row.Digest == digest)
            .Join(db.Repositories, row => row.RepositoryId, owner => owner.Id, (row, owner) => new { owner.Name, row.Size });
        await foreach (var owner in owners.AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (mayLook(owner.Name))
                return owner.Size;
        }
        return (long?)null;
    }, cancellation);

    /// <summary>Tags after <paramref name="last"/> in ordinal order; null when there is no such repository.</summary>
    public Task<List<string>?> ListTagsAsync(string repository, string? last, int limit, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        if (await FindIdAsync(db, repository, cancellation) is not { } id)
            return null;
        var tags = db.Tags.Where(row => row.RepositoryId == id);
        if (!string.IsNullOrEmpty(last))
            tags = tags.Where(row => string.Compare(row.Name, last) > 0);
        return await tags.OrderBy(row => row.Name).Take(limit).Select(row => row.Name).ToListAsync(cancellation);
    }, cancellation);

    /// <summary>Manifests whose subject is this digest, oldest first.</summary>
    public Task<List<ImageManifest>> ListReferrersAsync(string repository, string digest, CancellationToken cancellation) => database.ReadAsync(async db =>
        await FindIdAsync(db, repository, cancellation) is { } id
            ? await db.Manifests.Where(row => row.RepositoryId == id && row.Subject == digest)
                .OrderBy(row => row.CreatedAt).ThenBy(row => row.Digest).ToListAsync(cancellation)
            : [], cancellation);

    /// <summary>Points a tag at a manifest of the repository, inside the caller's transaction.</summary>
    /// <exception cref="OciRefusedException">The repository has no such manifest.</exception>
    public async Task SetTagAsync(Change change, string repository, string tag, string digest)
    {
        var id = await change.LockRepositoryAsync(repository);
        if (id is null || !await change.Db.Manifests.AnyAsync(row => row.RepositoryId == id && row.Digest == digest, change.Cancellation))
            throw new OciRefusedException(OciError.ManifestUnknown(repository, digest));
        await change.PutTagAsync(id.Value, tag, digest);
        change.Tell(ImageEvents.Tagged, repository, new { tag, digest });
    }

    /// <summary>
    /// Makes a tag name this manifest if the repository has it, and nothing if not, inside the caller's transaction. Tells an event only
    /// when that changes something.
    /// </summary>
    public async Task KeepTagAsync(Change change, string repository, string tag, string? digest)
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return;
        var now = await change.Db.Tags.Where(row => row.RepositoryId == id && row.Name == tag).Select(row => row.ManifestDigest).SingleOrDefaultAsync(change.Cancellation);
        var isHere = digest is not null && await change.Db.Manifests.AnyAsync(row => row.RepositoryId == id && row.Digest == digest, change.Cancellation);
        if (!isHere)
            await RemoveTagAsync(change, repository, tag);
        else if (now != digest)
            await SetTagAsync(change, repository, tag, digest!);
    }

    /// <summary>Whether the repository has this manifest; it then stays until the caller's transaction, whose rows name it, ends.</summary>
    public static async Task<bool> HoldAsync(Change change, string repository, string digest) =>
        await change.LockRepositoryAsync(repository) is { } id
        && await change.Db.Manifests.AnyAsync(row => row.RepositoryId == id && row.Digest == digest, change.Cancellation);

    /// <summary>Removes a tag, inside the caller's transaction; false when there was none. The manifest stays.</summary>
    public async Task<bool> RemoveTagAsync(Change change, string repository, string tag)
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return false;
        await Grace.OfTagsAsync(change, id, [tag]);
        if (await change.Db.Tags.Where(row => row.RepositoryId == id && row.Name == tag).ExecuteDeleteAsync(change.Cancellation) == 0)
            return false;
        change.Tell(ImageEvents.Untagged, repository, new { tag });
        return true;
    }

    /// <summary>
    /// Removes every tag that begins so, inside the caller's transaction, and the images that only they named: those of attempts that came to
    /// nothing.
    /// </summary>
    /// <param name="kept">The image that stays, though no row names it yet; null for none.</param>
    public static async Task RemoveTagsAsync(Change change, string repository, string prefix, string? kept = null)
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return;
        var found = await change.Db.Tags.Where(row => row.RepositoryId == id && row.Name.StartsWith(prefix)).Select(row => new { row.Name, row.ManifestDigest }).ToListAsync(change.Cancellation);
        var tags = found.ConvertAll(tag => tag.Name);
        await Grace.OfTagsAsync(change, id, tags);
        await change.Db.Tags.Where(row => row.RepositoryId == id && tags.Contains(row.Name)).ExecuteDeleteAsync(change.Cancellation);
        foreach (var tag in tags)
            change.Tell(ImageEvents.Untagged, repository, new { tag });
        await ImageCollection.RemoveUnneededAsync(change, repository, id, [.. found.Select(tag => tag.ManifestDigest).Where(image => image != kept).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Id of a repository that was met before; null for one that may be there nevertheless.</summary>
    internal long? KnownIdOf(string repository) => _ids.TryGetValue(repository, out var known) ? known : null;

    /// <summary>Remembers the id of a repository that is committed.</summary>
    internal void Learn(string repository, long id) => _ids[repository] = id;

    /// <summary>An older copy of the database may have been put in its place.</summary>
    internal void Forget(string repository) => _ids.TryRemove(repository, out _);

    private async Task<long?> FindIdAsync(Database.RegistryContext db, string repository, CancellationToken cancellation)
    {
        if (_ids.TryGetValue(repository, out var known))
            return known;
        var id = await db.Repositories.Where(row => row.Name == repository).Select(row => (long?)row.Id).SingleOrDefaultAsync(cancellation);
        if (id is { } found)
            Learn(repository, found);
        return id;
    }
}
