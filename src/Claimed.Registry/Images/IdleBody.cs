namespace Claimed.Registry.Images;

/// <summary>Moves bytes of a request or an answer with a limit on standing still, not on the whole time: layers may take hours.</summary>
public sealed class IdleBody(HttpContext context, TimeSpan limit) : IDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);

    /// <summary>Fills <paramref name="buffer"/> as far as the body goes. A cut comes back as <c>Cut</c>, beside what arrived before it.</summary>
    public async Task<(int Count, Exception? Cut)> FillAsync(Memory<byte> buffer)
    {
        var count = 0;
        try
        {
            while (count < buffer.Length)
            {
                _stop.CancelAfter(limit);
                var read = await context.Request.Body.ReadAsync(buffer[count..], _stop.Token);
                if (read == 0)
                    break;
                count += read;
            }
            return (count, null);
        }
        catch (Exception cut)
        {
            return (count, Named(cut));
        }
        finally
        {
            _stop.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            _stop.CancelAfter(limit);
            await context.Response.Body.WriteAsync(bytes, _stop.Token);
        }
        catch (OperationCanceledException stopped) when (Named(stopped) is StalledException stalled)
        {
            throw stalled;
        }
        finally
        {
            _stop.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _stop.Dispose();

    private Exception Named(Exception cut) =>
        cut is OperationCanceledException && !context.RequestAborted.IsCancellationRequested ? new StalledException() : cut;
}
