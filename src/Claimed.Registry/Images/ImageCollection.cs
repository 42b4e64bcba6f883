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
        var (manifests, visible) = (new CollectedSum(), new CollectedSum());
        foreach (var repository in await database.ReadAsync(db => db.Repositories.OrderBy(row => row.Id).ToListAsync(cancellation), cancellation))
        {
            // What a proxy holds can be pulled by digest alone; it is kept for as long as it is used.
            var since = proxies.Find(repository.Name) is { IsReady: true } proxy && clock.GetUtcNow() - proxy.Options.KeepUnused is var unused && unused < idleSince ? unused : idleSince;
            if (countOnly)
            {
                await new CollectionForecast(database, blobs).AddAsync(repository.Id, since, manifests, visible, cancellation);
                continue;
            }
            await RepeatAsync(repository, since, UnneededManifests, RemoveManifestsAsync, manifests, cancellation);
            await RepeatAsync(repository, since, UnneededBlobs, RemoveBlobsAsync, visible, cancellation);
        }
        return [new Collected("untagged manifests that nothing needs", manifests.Count, manifests.Bytes), new Collected("image blobs that no manifest needs", visible.Count, visible.Bytes)];
    }

    /// <summary>Removes those of these manifests that nothing needs any more, inside the caller's transaction, which holds the repository. Their bytes go with a collection.</summary>
    internal static async Task RemoveUnneededAsync(Change change, string repository, long id, string[] digests)
    {
        // What an index needed is found in the round after the index is gone.
        while (digests.Length > 0)
        {
            var unneeded = await UnneededManifests(change.Db, id, long.MaxValue).Where(row => digests.Contains(row.Digest)).Select(row => row.Digest).ToArrayAsync(change.Cancellation);
            if (unneeded.Length == 0)
                return;
            await RemoveManifestsAsync(change, new ImageRepository { Id = id, Name = repository }, unneeded);
        }
    }

    /// <summary>Removes batch after batch; what an index needed is found in the round after the index is gone.</summary>
    private async Task RepeatAsync(
        ImageRepository repository, DateTimeOffset idleSince, Func<RegistryContext, long, long, IQueryable<Unneeded>> unneeded,
        Func<Change, ImageRepository, string[], Task> remove, CollectedSum sum, CancellationToken cancellation)
    {
        var before = idleSince.ToUnixTimeMilliseconds();
        while (true)
        {
            var found = await database.ReadAsync(db => unneeded(db, repository.Id, before).OrderBy(row => row.Digest).ToListAsync(cancellation), cancellation);
            // The row may be old and its blob pushed again a moment ago.
            var idle = await found.ToAsyncEnumerable()
                .Where(async (row, stop) => await blobs.FindAsync(row.Digest, stop) is not { } blob || blob.Touched < idleSince).Select(row => row.Digest).Take(Batch).ToArrayAsync(cancellation);
            if (idle.Length == 0)
                return;
            var removed = await database.ChangeAsync(async change =>
            {
                await change.LockRepositoryAsync(repository.Name);
                var still = await unneeded(change.Db, repository.Id, before).Where(row => idle.Contains(row.Digest)).ToListAsync(cancellation);
                await remove(change, repository, [.. still.Select(row => row.Digest)]);
                return still;
            }, cancellation);
            removed.ForEach(row => sum.Add(row.Size));
        }
    }

    /// <summary>No tag, no index, no version needs it, it says nothing of a manifest that is there, and nothing with a tag says something of it.</summary>
    private static IQueryable<Unneeded> UnneededManifests(RegistryContext db, long repository, long before) => db.Manifests
        .Where(row => row.RepositoryId == repository && row.CreatedAt < before
            && !db.Tags.Any(tag => tag.RepositoryId == repository && tag.ManifestDigest == row.Digest)
            && !db.ImageReferences.Any(user => user.RepositoryId == repository && user.Digest == row.Digest)
            && !db.Manifests.Any(subject => subject.RepositoryId == repository && subject.Digest == row.Subject)
            && !db.Manifests.Any(referrer => referrer.RepositoryId == repository && referrer.Subject == row.Digest
                && db.Tags.Any(tag => tag.RepositoryId == repository && tag.ManifestDigest == referrer.Digest))
            && !db.Versions.Any(version => version.ImageDigest == row.Digest))
        .Select(row => new Unneeded { Digest = row.Digest, Size = row.Size });

    private static IQueryable<Unneeded> UnneededBlobs(RegistryContext db, long repository, long before) => db.RepositoryBlobs
        .Where(row => row.RepositoryId == repository && row.CreatedAt < before
            && !db.ImageReferences.Any(user => user.RepositoryId == repository && user.Digest == row.Digest))
        .Select(row => new Unneeded { Digest = row.Digest, Size = row.Size });

    private static async Task RemoveManifestsAsync(Change change, ImageRepository repository, string[] digests)
    {
        await change.Db.ImageReferences.Where(row => row.RepositoryId == repository.Id && digests.Contains(row.ManifestDigest)).ExecuteDeleteAsync(change.Cancellation);
        await NamespaceUse.RemoveManifestsAsync(change, repository.Name, repository.Id, digests);
        await AttachedTags.RemoveAsync(change, repository.Name, repository.Id, digests);
        foreach (var digest in digests)
            change.Tell(ImageEvents.Deleted, repository.Name, new { digest });
    }

    private static Task RemoveBlobsAsync(Change change, ImageRepository repository, string[] digests) =>
        NamespaceUse.RemoveBlobsAsync(change, repository.Name, repository.Id, digests);

    /// <summary>A manifest or blob that a repository need not keep.</summary>
    private sealed class Unneeded
    {
        public required string Digest { get; init; }

        public long Size { get; init; }
    }
}
