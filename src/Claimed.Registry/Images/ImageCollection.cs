using Claimed.Database;
using Claimed.Database.Images;
using Claimed.Registry.Images.Proxies;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images;

/// <summary>
/// Removes, repository by repository, manifests that nothing needs and blobs that no manifest needs. Every removal is decided again
/// inside a short transaction that holds the repository, as pushes do; the bytes go with the blobs afterwards.
/// </summary>
public sealed class ImageCollection(RegistryDatabase database, IBlobStore blobs, ImageProxies proxies, TimeProvider clock)
{
    private const int Batch = 200;

    public async Task<IReadOnlyList<Collected>> CollectAsync(DateTimeOffset idleSince, bool countOnly, CancellationToken cancellation)
    {
        var (manifests, visible) = (0, 0);
        foreach (var repository in await database.ReadAsync(db => db.Repositories.OrderBy(row => row.Id).ToListAsync(cancellation), cancellation))
        {
            // What a proxy holds can be pulled by digest alone; it is kept for as long as it is used.
            var since = proxies.Find(repository.Name) is { } proxy && clock.GetUtcNow() - proxy.Options.KeepUnused is var unused && unused < idleSince ? unused : idleSince;
            manifests += await RepeatAsync(repository, since, countOnly, UnneededManifests, RemoveManifestsAsync, cancellation);
            visible += await RepeatAsync(repository, since, countOnly, UnneededBlobs, RemoveBlobsAsync, cancellation);
        }
        return [new Collected("untagged manifests that nothing needs", manifests), new Collected("image blobs that no manifest needs", visible)];
    }

    /// <summary>Removes batch after batch; what an index needed is found in the round after the index is gone.</summary>
    private async Task<int> RepeatAsync(
        ImageRepository repository, DateTimeOffset idleSince, bool countOnly, Func<RegistryContext, long, long, IQueryable<string>> unneeded,
        Func<Change, ImageRepository, string[], Task> remove, CancellationToken cancellation)
    {
        var count = 0;
        var before = idleSince.ToUnixTimeMilliseconds();
        while (true)
        {
            var found = await database.ReadAsync(db => unneeded(db, repository.Id, before).OrderBy(digest => digest).ToListAsync(cancellation), cancellation);
            // The row may be old and its blob pushed again a moment ago.
            var idle = await found.ToAsyncEnumerable()
                .Where(async (digest, stop) => await blobs.FindAsync(digest, stop) is not { } blob || blob.Touched < idleSince)
                .Take(countOnly ? int.MaxValue : Batch).ToArrayAsync(cancellation);
            if (countOnly || idle.Length == 0)
                return count + idle.Length;
            count += await database.ChangeAsync(async change =>
            {
                await change.LockRepositoryAsync(repository.Name);
                var still = await unneeded(change.Db, repository.Id, before).Where(digest => idle.Contains(digest)).ToArrayAsync(cancellation);
                await remove(change, repository, still);
                return still.Length;
            }, cancellation);
        }
    }

    /// <summary>No tag, no index, no version needs it, and it says nothing of a manifest that is there.</summary>
    private static IQueryable<string> UnneededManifests(RegistryContext db, long repository, long before) => db.Manifests
        .Where(row => row.RepositoryId == repository && row.CreatedAt < before
            && !db.Tags.Any(tag => tag.RepositoryId == repository && tag.ManifestDigest == row.Digest)
            && !db.ImageReferences.Any(user => user.RepositoryId == repository && user.Digest == row.Digest)
            && !db.Manifests.Any(subject => subject.RepositoryId == repository && subject.Digest == row.Subject)
            && !db.Versions.Any(version => version.ImageDigest == row.Digest))
        .Select(row => row.Digest);

    private static IQueryable<string> UnneededBlobs(RegistryContext db, long repository, long before) => db.RepositoryBlobs
        .Where(row => row.RepositoryId == repository && row.CreatedAt < before
            && !db.ImageReferences.Any(user => user.RepositoryId == repository && user.Digest == row.Digest))
        .Select(row => row.Digest);

    private static async Task RemoveManifestsAsync(Change change, ImageRepository repository, string[] digests)
    {
        await change.Db.ImageReferences.Where(row => row.RepositoryId == repository.Id && digests.Contains(row.ManifestDigest)).ExecuteDeleteAsync(change.Cancellation);
        await NamespaceUse.RemoveManifestsAsync(change, repository.Name, repository.Id, digests);
        foreach (var digest in digests)
            change.Tell(ImageEvents.Deleted, repository.Name, new { digest });
    }

    private static Task RemoveBlobsAsync(Change change, ImageRepository repository, string[] digests) =>
        NamespaceUse.RemoveBlobsAsync(change, repository.Name, repository.Id, digests);
}
