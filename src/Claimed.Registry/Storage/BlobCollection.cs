namespace Claimed.Registry.Storage;

/// <summary>Removes the blobs that no row names and nobody has touched for the grace period.</summary>
public sealed class BlobCollection(RegistryDatabase database, IBlobStore blobs)
{
    /// <param name="countOnly">Removes nothing.</param>
    public async Task<Collected> CollectAsync(DateTimeOffset idleSince, bool countOnly, CancellationToken cancellation)
    {
        // Read once, at the beginning: a row that comes later names a blob that was touched just before, hence after idleSince.
        var named = await database.ReadAsync(db => NamedBlobs.SetAsync(db, cancellation), cancellation);
        var (count, bytes) = (0, 0L);
        await foreach (var blob in blobs.ListAsync(cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            if (blob.Touched >= idleSince || named.Contains(NamedBlobs.Short(blob.Digest)))
                continue;
            if (!countOnly && !await blobs.DeleteIdleAsync(blob.Digest, idleSince, cancellation))
                continue;
            count++;
            bytes += blob.Size;
        }
        return new Collected("blobs that no row names", count, bytes);
    }
}
