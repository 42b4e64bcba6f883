using System.Security.Cryptography;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>
/// One upload. The file is all of it: how long it is says how far the upload came, whichever process wrote last. What this process
/// remembers of its own writing only saves reading the file again.
/// </summary>
public sealed class UploadSession(string id, string path)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    // Requests of this process queue here; those of other processes meet at the file itself.
    private readonly SemaphoreSlim _turn = new(1, 1);

    public string Id => id;

    public string Path => path;

    /// <summary>Bytes that are there now. A request that is writing may still add to them or take its own back.</summary>
    public long Length => new FileInfo(path) is { Exists: true } file ? file.Length : throw new OciRefusedException(OciError.UploadUnknown());

    /// <summary>What this process has hashed so far; null when nothing.</summary>
    internal HashedFile? Hashed { get; set; }

    /// <summary>
    /// Lets the caller write alone, over all processes on the folder; null when another still writes at the end of the limit.
    /// Refused when the upload is gone.
    /// </summary>
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
                var file = FileHold.TryTake(path);
                // Who held it before may have made it a blob: then the name is gone, and what was opened is no upload any more.
                if (!File.Exists(path))
                {
                    file?.Dispose();
                    throw new OciRefusedException(OciError.UploadUnknown());
                }
                if (file is not null)
                {
                    var turn = new UploadTurn(this, file, () => _turn.Release());
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
}

/// <summary>The SHA-256 of a file's first bytes, and the time that the file had when this process last wrote to it.</summary>
internal sealed record HashedFile(IncrementalHash Hash, long Length, DateTime Written);
