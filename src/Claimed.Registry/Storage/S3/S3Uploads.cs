namespace Claimed.Registry.Storage.S3;

/// <summary>
/// Uploads as objects under <c>{prefix}uploads/{name}/</c>: <c>start</c> says that there is one, and each piece is an object of its own whose
/// key has its offset. How far an upload came is what the pieces say, to every node.
/// </summary>
/// <remarks>
/// Two nodes that write to one upload are kept apart by a lock of the database. Nothing but order rests on it: a key is written once, because
/// it has a random end, and whoever finishes names exactly the pieces whose bytes it has hashed. When a lock was lost with its connection, and
/// two did write, one of the two pieces for a place counts, the same for all who look.
/// </remarks>
internal sealed class S3Uploads(S3Bucket bucket, S3BlobStore blobs, TemporaryFiles temporary, DatabaseLocks locks, TimeProvider clock) : IUploadStore
{
    internal S3Bucket Bucket => bucket;

    internal S3BlobStore Blobs => blobs;

    internal TemporaryFiles Temporary => temporary;

    internal DatabaseLocks Locks => locks;

    internal TimeProvider Clock => clock;

    private string Folder => $"{bucket.Prefix}uploads/";

    public UploadSession Open(string owner, string id) => new S3Upload(owner, id, this);

    internal string FolderOf(string name) => $"{Folder}{name}/";

    /// <summary>Pieces, and parts of objects that were never finished; what a killed process leaves is among them.</summary>
    public async Task<(int Count, long Bytes)> DropAsync(DateTimeOffset idleSince, bool countOnly, CancellationToken cancellation)
    {
        var (count, bytes) = temporary.Drop(idleSince, countOnly);
        string? name = null;
        var objects = new List<S3Entry>();
        await foreach (var entry in bucket.ListAsync(Folder, cancellation))
        {
            var owner = entry.Key[Folder.Length..].Split('/')[0];
            if (owner != name)
                await DropOneAsync();
            name = owner;
            objects.Add(entry);
        }
        await DropOneAsync();
        count += await S3Parts.DropAsync(bucket, idleSince, countOnly, cancellation);
        return (count, bytes);

        async Task DropOneAsync()
        {
            if (name is not null && objects.TrueForAll(entry => entry.At < idleSince) && await locks.TryTakeAsync(name, cancellation) is { } alone)
            {
                await using var _ = alone;
                // Looked at again: someone may have gone on with it.
                var now = await ListAsync(name, cancellation);
                if (now.TrueForAll(entry => entry.At < idleSince))
                {
                    count++;
                    bytes += now.Sum(entry => entry.Size);
                    if (!countOnly)
                        await RemoveAsync(now);
                }
            }
            objects.Clear();
        }
    }

    internal async Task<List<S3Entry>> ListAsync(string name, CancellationToken cancellation) =>
        await bucket.ListAsync(FolderOf(name), cancellation).ToListAsync(cancellation);

    /// <summary>Backwards: what says that there is an upload comes last in order, and so goes first.</summary>
    internal async Task RemoveAsync(IEnumerable<S3Entry> objects)
    {
        var all = objects.OrderByDescending(entry => entry.Key, StringComparer.Ordinal).ToList();
        foreach (var first in all.Take(1))
            await bucket.DeleteAsync(first.Key, CancellationToken.None);
        await Parallel.ForEachAsync(all.Skip(1), async (entry, _) => await bucket.DeleteAsync(entry.Key, CancellationToken.None));
    }
}
