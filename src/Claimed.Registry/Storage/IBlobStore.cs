namespace Claimed.Registry.Storage;

/// <summary>What came of storing a blob.</summary>
public enum BlobPut
{
    Created,
    AlreadyThere,
}

/// <summary>A blob as the store lists it.</summary>
/// <param name="Touched">When it was last put, mounted or named by a transaction.</param>
public sealed record StoredBlob(string Digest, long Size, DateTimeOffset Touched);

/// <summary>
/// Content-addressed bytes. A blob that was acknowledged survives a power cut. Whoever is about to name a blob in a row touches it
/// first; collection removes only what nobody has touched for its grace period, and both see each other, in whichever processes they run.
/// </summary>
public interface IBlobStore
{
    /// <summary>Stores <paramref name="content"/> under its digest. One that is there is touched, or mended when its bytes are not these.</summary>
    Task<BlobPut> PutAsync(string digest, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>
    /// Takes a file of <see cref="CreateUploadPath"/> whose content has this digest, already verified by the caller, and makes it the blob,
    /// in place of one that is there. The file is gone afterwards.
    /// </summary>
    Task<BlobPut> AdoptAsync(string digest, string uploadPath, CancellationToken cancellation);

    /// <summary>Path of the file that collects an upload; the same for the same id, which is a plain file name.</summary>
    string CreateUploadPath(string id);

    /// <summary>Removes the files of uploads that nobody has written to since then, or only counts them.</summary>
    (int Count, long Bytes) DropUploads(DateTimeOffset idleSince, bool countOnly = false);

    /// <summary>Opens a blob for reading (seekable), or null when it is absent.</summary>
    Stream? Open(string digest);

    /// <summary>The blob as it is stored, or null when it is absent.</summary>
    StoredBlob? Find(string digest);

    /// <summary>Keeps collection away from a blob for one more grace period; false when it is absent.</summary>
    bool Touch(string digest);

    /// <summary>Touches all of them, with nothing removed in between; the first that is absent, or null.</summary>
    string? Touch(IReadOnlyCollection<string> digests);

    /// <summary>All blobs, in no order. Those that come or go meanwhile may be left out.</summary>
    IEnumerable<StoredBlob> List();

    /// <summary>Removes a blob unless it was touched since then; true when it was removed.</summary>
    bool DeleteIdle(string digest, DateTimeOffset idleSince);

    /// <summary>Puts a damaged blob aside, so that it is absent and can be stored again; false when it is no longer as it was seen.</summary>
    bool Quarantine(StoredBlob seen);
}
