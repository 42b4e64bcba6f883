namespace Claimed.Registry.Storage;

/// <summary>What came of storing a blob.</summary>
public enum BlobPut
{
    Created,
    AlreadyThere,
}

/// <summary>Content-addressed bytes. A blob that was acknowledged survives a power cut.</summary>
public interface IBlobStore
{
    /// <summary>Stores <paramref name="content"/> under its digest; refreshes the time of one that is there, so that collection spares it.</summary>
    Task<BlobPut> PutAsync(string digest, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>
    /// Takes a file of <see cref="CreateUploadPath"/> whose content has this digest, already verified by the caller, and makes it the blob.
    /// The file is gone afterwards.
    /// </summary>
    Task<BlobPut> AdoptAsync(string digest, string uploadPath, CancellationToken cancellation);

    /// <summary>Path of the file that collects an upload; the same for the same id, which is a plain file name.</summary>
    string CreateUploadPath(string id);

    /// <summary>Removes the files of uploads that nobody has written to since then; returns how many.</summary>
    int DropUploads(DateTimeOffset idleSince);

    /// <summary>Opens a blob for reading (seekable), or null when it is absent.</summary>
    Stream? Open(string digest);

    /// <summary>Size in bytes, or null when the blob is absent.</summary>
    long? Size(string digest);

    /// <summary>Removes a blob; true when it was there.</summary>
    bool Delete(string digest);
}

/// <summary>Short ways to whole blobs.</summary>
public static class BlobStoreReading
{
    public static async Task<byte[]> ReadAllAsync(this IBlobStore blobs, string digest, CancellationToken cancellation)
    {
        await using var stream = blobs.Open(digest) ?? throw new InvalidDataException($"Blob {digest} is missing from the store.");
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }
}
