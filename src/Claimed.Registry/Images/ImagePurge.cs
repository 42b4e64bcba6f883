using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images;

/// <summary>Takes an image out of a repository inside the caller's transaction, with all that nothing else in the repository needs.</summary>
public static class ImagePurge
{
    /// <summary>Removes the manifest, an index with what it lists, the tags and referrers of them, and the blobs that are then unneeded.</summary>
    /// <param name="isExpiry">Nobody asked for it: what has a tag of its own or is listed in an index stays, and blobs are left to a collection, which knows what pushes under way need.</param>
    /// <returns>Digests that the repository no longer has.</returns>
    public static async Task<IReadOnlyList<string>> RemoveAsync(Change change, string repository, string digest, bool isExpiry = false)
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return [];
        var removed = new List<string>();
        // An index that someone laid over it would keep all of it; at expiry it does.
        foreach (var index in isExpiry ? [] : await IndexesOverAsync(change, id, digest))
            await RemoveManifestAsync(change, repository, id, index, removed);
        var waiting = new Queue<string>([digest]);
        while (waiting.TryDequeue(out var next))
        {
            // Another version or index may have the same image.
            if (await change.Db.ImageReferences.AnyAsync(row => row.RepositoryId == id && row.Digest == next, change.Cancellation)
                || await change.Db.Versions.AnyAsync(row => row.ImageDigest == next
                    && (row.Component!.Namespace!.Name + "/" + row.Component.Name == repository || row.Image!.EndsWith("/" + repository + "@" + next)), change.Cancellation))
                continue;
            if (isExpiry && await change.Db.Tags.AnyAsync(row => row.RepositoryId == id && row.ManifestDigest == next, change.Cancellation))
                continue;
            var needed = await change.Db.ImageReferences.Where(row => row.RepositoryId == id && row.ManifestDigest == next).Select(row => row.Digest).ToListAsync(change.Cancellation);
            var referrers = await change.Db.Manifests.Where(row => row.RepositoryId == id && row.Subject == next).Select(row => row.Digest).ToListAsync(change.Cancellation);
            if (isExpiry)
                await Grace.OfManifestAsync(change, id, next);
            // At expiry a collection takes them once their tags are gone.
            else
                referrers.AddRange(await AttachedTags.About(change.Db, id, next).Select(row => row.ManifestDigest).Distinct().ToListAsync(change.Cancellation));
            await RemoveManifestAsync(change, repository, id, next, removed);
            foreach (var digestOf in needed.Concat(referrers))
            {
                if (await change.Db.Manifests.AnyAsync(row => row.RepositoryId == id && row.Digest == digestOf, change.Cancellation))
                    waiting.Enqueue(digestOf);
                else if (!isExpiry && !await change.Db.ImageReferences.AnyAsync(row => row.RepositoryId == id && row.Digest == digestOf, change.Cancellation)
                    && await NamespaceUse.RemoveBlobsAsync(change, repository, id, [digestOf]) > 0)
                    removed.Add(digestOf);
            }
        }
        return removed;
    }

    /// <summary>Removes every manifest that needs one of these blobs, and the blobs that are then unneeded: what was said of a version whose image others have.</summary>
    /// <returns>Digests that the repository no longer has.</returns>
    public static async Task<IReadOnlyList<string>> RemoveUsersAsync(Change change, string repository, IReadOnlyCollection<string> blobs)
    {
        var removed = new List<string>();
        if (blobs.Count == 0 || await change.LockRepositoryAsync(repository) is not { } id)
            return removed;
        foreach (var user in await change.Db.ImageReferences.Where(row => row.RepositoryId == id && blobs.Contains(row.Digest)).Select(row => row.ManifestDigest).Distinct().ToListAsync(change.Cancellation))
        {
            var needed = await change.Db.ImageReferences.Where(row => row.RepositoryId == id && row.ManifestDigest == user).Select(row => row.Digest).ToListAsync(change.Cancellation);
            await RemoveManifestAsync(change, repository, id, user, removed);
            foreach (var digest in needed)
            {
                if (!await change.Db.ImageReferences.AnyAsync(row => row.RepositoryId == id && row.Digest == digest, change.Cancellation)
                    && await NamespaceUse.RemoveBlobsAsync(change, repository, id, [digest]) > 0)
                    removed.Add(digest);
            }
        }
        return removed;
    }

    /// <summary>Indexes that list the manifest, outermost first; without those that are a version's own image, and what these hold.</summary>
    private static async Task<IReadOnlyList<string>> IndexesOverAsync(Change change, long repository, string digest)
    {
        var found = new List<string>();
        for (List<string> below = [digest]; below.Count > 0;)
        {
            below = await change.Db.ImageReferences.Where(row => row.RepositoryId == repository && below.Contains(row.Digest) && !found.Contains(row.ManifestDigest)
                && !change.Db.Versions.Any(version => version.ImageDigest == row.ManifestDigest)).Select(row => row.ManifestDigest).Distinct().ToListAsync(change.Cancellation);
            found.InsertRange(0, below);
        }
        return found;
    }

    private static async Task RemoveManifestAsync(Change change, string repository, long id, string digest, List<string> removed)
    {
        await change.Db.Tags.Where(row => row.RepositoryId == id && row.ManifestDigest == digest).ExecuteDeleteAsync(change.Cancellation);
        await change.Db.ImageReferences.Where(row => row.RepositoryId == id && row.ManifestDigest == digest).ExecuteDeleteAsync(change.Cancellation);
        if (await NamespaceUse.RemoveManifestsAsync(change, repository, id, [digest]) == 0)
            return;
        await AttachedTags.RemoveAsync(change, repository, id, [digest]);
        removed.Add(digest);
        change.Tell(ImageEvents.Deleted, repository, new { digest });
    }
}
