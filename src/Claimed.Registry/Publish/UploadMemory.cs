using Claimed.Registry.Http;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Publish;

/// <summary>
/// Bounds what all uploads under way hold in memory together (<c>Publish__MaxBufferedBytes</c>). Bytes count as they arrive, not as a request
/// announces them: who announces much and sends nothing keeps nobody out.
/// </summary>
public sealed class UploadMemory(IOptions<PublishOptions> options)
{
    private const int RetryAfter = 5;

    private long _held;

    /// <summary>The share of one upload; empty at first, given back when it is disposed of.</summary>
    public UploadShare Begin() => new(this);

    internal void Take(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= options.Value.MaxBufferedBytes)
            return;
        Give(bytes);
        throw new RefusedException(new Refusal(503, "uploads-busy", "Too much is being uploaded at once.",
            $"All uploads under way may hold {options.Value.MaxBufferedBytes >> 20} MiB together (Publish__MaxBufferedBytes). Nothing was stored: send the request again in a few seconds.")
        { RetryAfter = RetryAfter });
    }

    internal void Give(long bytes) => Interlocked.Add(ref _held, -bytes);
}

/// <summary>What one upload holds of <see cref="UploadMemory"/>.</summary>
public sealed class UploadShare(UploadMemory memory) : IDisposable
{
    private long _held;

    /// <exception cref="RefusedException">503: the uploads under way hold too much.</exception>
    internal void Take(long bytes)
    {
        memory.Take(bytes);
        _held += bytes;
    }

    internal void Give(long bytes)
    {
        memory.Give(bytes);
        _held -= bytes;
    }

    public void Dispose()
    {
        memory.Give(_held);
        _held = 0;
    }
}
