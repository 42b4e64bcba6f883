using System.Buffers;
using System.IO.Pipelines;

namespace Claimed.Registry.Images;

/// <summary>Moves bytes of a request or an answer with a limit on standing still, not on the whole time: layers may take hours.</summary>
public sealed class IdleBody(HttpContext context, TimeSpan limit) : IDisposable
{
    /// <summary>Bytes that must come within the limit: one now and then would hold a connection for ever.</summary>
    private const int LeastBytes = 16 * 1024;

    // Not linked to RequestAborted: what a client sent before it went is still to be read, and the body itself tells of the cut.
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Fills <paramref name="buffer"/> as far as the body goes. A cut comes back as <c>Cut</c>, beside what arrived before it.</summary>
    public async Task<(int Count, Exception? Cut)> FillAsync(Memory<byte> buffer)
    {
        // The pipe and not the stream: a read that is ended through it leaves Kestrel able to drain the rest.
        var reader = context.Request.BodyReader;
        var count = 0;
        try
        {
            await using var _ = _stop.Token.Register(reader.CancelPendingRead);
            _stop.CancelAfter(limit);
            var goal = LeastBytes;
            while (count < buffer.Length)
            {
                if (count >= goal)
                {
                    _stop.CancelAfter(limit);
                    goal = count + LeastBytes;
                }
                var result = await reader.ReadAsync(CancellationToken.None);
                var taken = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, buffer.Length - count));
                taken.CopyTo(buffer.Span[count..]);
                count += (int)taken.Length;
                var isAll = result.IsCompleted && taken.Length == result.Buffer.Length;
                reader.AdvanceTo(taken.End);
                if (isAll)
                    break;
                if (result.IsCanceled)
                    return (count, new StalledException());
            }
            return (count, null);
        }
        catch (Exception cut)
        {
            return (count, cut);
        }
        finally
        {
            _stop.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Sends what was written to the answer.</summary>
    public Task FlushAsync() => InTimeAsync(context.Response.BodyWriter.FlushAsync);

    public Task WriteAsync(ReadOnlyMemory<byte> bytes) => InTimeAsync(stop => context.Response.BodyWriter.WriteAsync(bytes, stop));

    private async Task InTimeAsync(Func<CancellationToken, ValueTask<FlushResult>> send)
    {
        try
        {
            // Kestrel takes writes to a client that is gone, and drops them.
            context.RequestAborted.ThrowIfCancellationRequested();
            _stop.CancelAfter(limit);
            await send(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new StalledException();
        }
        finally
        {
            _stop.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _stop.Dispose();
}
