using Claimed.Database;

namespace Claimed.Registry.Storage;

/// <summary>What came of storing a blob.</summary>
public enum BlobPut
{
    Created,
    AlreadyThere,
}

/// <summary>A blob as the store lists it.</summary>
/// <param name="Touched">When it was last put, mounted or named by a transaction.</param>
public sealed record StoredBlob(string Digest, long Size, DateTimeOffset Touched)
{
    /// <summary>The store's name for this very content: it has another once the bytes were put again, and the same after a touch.</summary>
    public string Tag { get; init; } = "";

    /// <summary>Whether what was found later has the bytes that were seen, touched since or not.</summary>
    public bool IsStill(StoredBlob? found) => found is not null && found.Digest == Digest && found.Size == Size && found.Tag == Tag;
}

/// <summary>
/// Content-addressed bytes. A blob that was acknowledged survives a power cut. Whoever is about to name a blob in a row touches it
/// first; collection removes only what nobody has touched for its grace period, and both see each other, in whichever processes they run.
/// </summary>
public interface IBlobStore
{
    /// <summary>Stores <paramref name="content"/> under its digest. One that is there is touched, or mended when its bytes are not these.</summary>
    Task<BlobPut> PutAsync(string digest, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>
    /// Takes a file of <see cref="TemporaryPath"/> whose content has this digest, already verified by the caller, and makes it the blob,
    /// in place of one that is there. The file is gone afterwards.
    /// </summary>
    Task<BlobPut> AdoptAsync(string digest, string path, CancellationToken cancellation);

    /// <summary>Path of a file of this machine for bytes that are to be a blob; the same for the same name, which is a plain file name.</summary>
    string TemporaryPath(string name);

    /// <summary>Opens a blob for reading (seekable, as long as the whole), or null when it is absent.</summary>
    /// <param name="first">Where reading begins.</param>
    /// <param name="count">How much will be read from there, as far as the caller knows.</param>
    ValueTask<Stream?> OpenAsync(string digest, long first, long? count, CancellationToken cancellation);

    /// <summary>The blob as it is stored, or null when it is absent.</summary>
    ValueTask<StoredBlob?> FindAsync(string digest, CancellationToken cancellation);

    /// <summary>Keeps collection away from a blob for one more grace period; false when it is absent.</summary>
    ValueTask<bool> TouchAsync(string digest, CancellationToken cancellation);

    /// <summary>Keeps collection away from what the rows of a transaction name, from the touch until the rows count.</summary>
    /// <param name="transaction">The transaction under way.</param>
    ValueTask<BlobHold> HoldAsync(IReadOnlyCollection<string> digests, RegistryContext transaction, CancellationToken cancellation);

    /// <summary>All blobs, in no order. Those that come or go meanwhile may be left out.</summary>
    IAsyncEnumerable<StoredBlob> ListAsync(CancellationToken cancellation);

    /// <summary>Removes a blob unless it was touched since then; true when it was removed.</summary>
    ValueTask<bool> DeleteIdleAsync(string digest, DateTimeOffset idleSince, CancellationToken cancellation);

    /// <summary>Puts a damaged blob aside, so that it is absent and can be stored again; false when its bytes are no longer those that were seen.</summary>
    ValueTask<bool> QuarantineAsync(StoredBlob seen, CancellationToken cancellation);

    /// <summary>A URL by which a client reads the blob from the server that has it; null when this store gives none.</summary>
    ValueTask<string?> LinkAsync(string digest, long size);

    /// <summary>Null when the store answers within the limit, else what it says, for the operator.</summary>
    ValueTask<string?> ObstacleAsync(TimeSpan limit, CancellationToken cancellation);
}

/// <summary>Blobs that a transaction names; disposed of after the commit.</summary>
public abstract class BlobHold : IAsyncDisposable
{
    /// <summary>Asked in the last moment before the commit: the first that is absent, or null.</summary>
    public abstract ValueTask<string?> LostAsync(CancellationToken cancellation);

    public virtual ValueTask DisposeAsync() => default;
}
