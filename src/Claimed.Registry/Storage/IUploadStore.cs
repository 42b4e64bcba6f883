using System.Security.Cryptography;

namespace Claimed.Registry.Storage;

/// <summary>
/// Bytes that come piece by piece and become a blob. How far an upload came is what is stored of it, whichever process wrote last, so that
/// it goes on after a restart and at another node on the same store.
/// </summary>
public interface IUploadStore
{
    /// <summary>The upload of this name, which may not be there: <see cref="UploadSession.StartAsync"/> and <see cref="UploadSession.ExistsAsync"/>.</summary>
    /// <param name="owner">Ties the upload to what it is for; with <paramref name="id"/> a plain file name.</param>
    UploadSession Open(string owner, string id);

    /// <summary>Removes what is left of uploads that nobody has written to since then, or only counts it.</summary>
    Task<(int Count, long Bytes)> DropAsync(DateTimeOffset idleSince, bool countOnly, CancellationToken cancellation);
}

/// <summary>One upload, and what this process remembers of its own writing, which only saves reading it again.</summary>
public abstract class UploadSession(string owner, string id)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    // Requests of this process queue here; those of other processes meet at the store.
    private readonly SemaphoreSlim _turn = new(1, 1);

    public string Id => id;

    public string Name { get; } = $"{owner}-{id}";

    /// <summary>Makes the upload. One that nobody else will ask for, because it begins and ends in one request, need not be visible to others.</summary>
    public abstract ValueTask StartAsync(bool isVisible);

    public abstract ValueTask<bool> ExistsAsync(CancellationToken cancellation);

    /// <summary>Bytes that are there now. A request that is writing may still add to them or take its own back.</summary>
    /// <exception cref="UploadGoneException">There is no such upload.</exception>
    public abstract ValueTask<long> LengthAsync(CancellationToken cancellation);

    /// <summary>Removes the upload, if it is still there.</summary>
    public abstract ValueTask EndAsync();

    /// <summary>
    /// Lets the caller write alone, over all processes on the store; null when another still writes at the end of the limit.
    /// </summary>
    /// <exception cref="UploadGoneException">There is no such upload.</exception>
    public async Task<UploadTurn?> TakeAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        if (!await _turn.WaitAsync(limit, cancellation))
            return null;
        var taken = false;
        try
        {
            while (true)
            {
                if (await TryTakeAsync(() => _turn.Release(), cancellation) is { } turn)
                {
                    taken = true;
                    return turn;
                }
                if (clock.GetElapsedTime(began) >= limit)
                    return null;
                await Task.Delay(Look, clock, cancellation);
            }
        }
        finally
        {
            if (!taken)
                _turn.Release();
        }
    }

    /// <summary>Null when another process writes.</summary>
    /// <param name="release">To be called once, when the turn has ended.</param>
    protected abstract ValueTask<UploadTurn?> TryTakeAsync(Action release, CancellationToken cancellation);
}

/// <summary>The one request that writes to an upload: while it lasts no other does, in whichever process.</summary>
public abstract class UploadTurn : IAsyncDisposable
{
    public abstract UploadSession Session { get; }

    /// <summary>Bytes that the upload has.</summary>
    public abstract long Length { get; }

    /// <summary>Appends; the memory may be used again once this has ended.</summary>
    public abstract Task WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Sees that what was written is there for whoever goes on, at any node.</summary>
    public abstract ValueTask KeepAsync();

    /// <summary>Takes back what was appended since the upload had this length.</summary>
    public abstract ValueTask RollBackAsync(long length);

    /// <summary>Digest of everything that was uploaded, in this algorithm.</summary>
    public abstract ValueTask<string> DigestAsync(HashAlgorithmName algorithm, CancellationToken cancellation);

    /// <summary>Makes what was uploaded, whose digest the caller has verified in this turn, the blob. Nothing may be added afterwards, but until the upload is ended this may be done again.</summary>
    public abstract Task<BlobPut> StoreAsync(string digest);

    /// <summary>Lets the next one write, which may be this process or another.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>An upload was finished, cancelled or left alone for too long.</summary>
public sealed class UploadGoneException() : Exception("There is no such upload.");
