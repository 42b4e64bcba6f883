using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>A manifest that says something of an image. Its bytes and its blobs lie in the store already.</summary>
/// <param name="Tag">The name by which clients look for it that know no referrers; null for none.</param>
public sealed record AttachedManifest(string Digest, long Size, Manifest Manifest, string? Tag);

/// <summary>Adds what the registry itself says of an image, in the transaction of its caller.</summary>
public static class AttachedManifests
{
    /// <summary>
    /// Writes the rows of the manifests and of their blobs, and sets their tags. They count as what the namespace uses; its quota refuses none, for
    /// the image that they are about has passed it.
    /// </summary>
    public static async Task AddAsync(Change change, string repository, string image, IReadOnlyList<AttachedManifest> manifests)
    {
        if (manifests.Count == 0 || await change.LockRepositoryAsync(repository) is not { } id)
            return;
        var blobs = manifests.SelectMany(one => one.Manifest.Layers.Append(one.Manifest.Config!)).DistinctBy(blob => blob.Digest).ToList();
        var questions = new Questions();
        foreach (var (digest, size) in blobs.Select(blob => (blob.Digest, blob.Size)).Concat(manifests.Select(one => (one.Digest, one.Size))))
        {
            change.Names(digest);
            NamespaceUse.AskToAdd(questions, repository, id, digest, size, isBounded: false);
        }
        await questions.AnswerAsync(change);
        foreach (var blob in blobs)
            change.PutBlobLast(id, blob.Digest, blob.Size);
        foreach (var one in manifests)
        {
            await ImageChanges.AddRowsAsync(change, id, one.Digest, one.Size, one.Manifest);
            if (one.Tag is { } tag)
                change.PutTagLast(id, tag, one.Digest);
        }
        change.Tell(ImageEvents.Attested, repository, new { digest = image, manifests = manifests.Select(one => one.Digest), tags = manifests.Select(one => one.Tag).OfType<string>() });
    }
}
