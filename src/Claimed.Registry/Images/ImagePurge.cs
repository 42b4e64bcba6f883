using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images;

/// <summary>Takes an image out of a repository inside the caller's transaction, with all that nothing else in the repository needs.</summary>
public static class ImagePurge
{
    /// <summary>Removes the manifest, an index with what it lists, the tags and referrers of them, and the blobs that are then unneeded.</summary>
    /// <returns>Digests that the repository no longer has.</returns>
    public static async Task<IReadOnlyList<string>> RemoveAsync(Change change, string repository, string digest)
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return [];
        var removed = new List<string>();
        var waiting = new Queue<string>([digest]);
        while (waiting.TryDequeue(out var next))
        {
            // Another version or index may have the same image.
            if (await change.Db.ImageReferences.AnyAsync(row => row.RepositoryId == id && row.Digest == next, change.Cancellation)
                || await change.Db.Versions.AnyAsync(row => row.ImageDigest == next, change.Cancellation))
                continue;
            var needed = await change.Db.ImageReferences.Where(row => row.RepositoryId == id && row.ManifestDigest == next).Select(row => row.Digest).ToListAsync(change.Cancellation);
            var referrers = await change.Db.Manifests.Where(row => row.RepositoryId == id && row.Subject == next).Select(row => row.Digest).ToListAsync(change.Cancellation);
            await change.Db.Tags.Where(row => row.RepositoryId == id && row.ManifestDigest == next).ExecuteDeleteAsync(change.Cancellation);
            await change.Db.ImageReferences.Where(row => row.RepositoryId == id && row.ManifestDigest == next).ExecuteDeleteAsync(change.Cancellation);
            if (await change.Db.Manifests.Where(row => row.RepositoryId == id && row.Digest == next).ExecuteDeleteAsync(change.Cancellation) > 0)
            {
                removed.Add(next);
                change.Tell(ImageEvents.Deleted, repository, new { digest = next });
            }
            foreach (var digestOf in needed.Concat(referrers))
            {
                if (await change.Db.Manifests.AnyAsync(row => row.RepositoryId == id && row.Digest == digestOf, change.Cancellation))
                    waiting.Enqueue(digestOf);
                else if (!await change.Db.ImageReferences.AnyAsync(row => row.RepositoryId == id && row.Digest == digestOf, change.Cancellation)
                    && await change.Db.RepositoryBlobs.Where(row => row.RepositoryId == id && row.Digest == digestOf).ExecuteDeleteAsync(change.Cancellation) > 0)
                    removed.Add(digestOf);
            }
        }
        return removed;
    }
}
