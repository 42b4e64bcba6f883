using System.Threading.Channels;

namespace Claimed.Registry.Storage;

/// <summary>One pending "look now" for whoever looks by itself now and again; many calls count once.</summary>
public class Wake
{
    private readonly Channel<bool> _pending = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Now() => _pending.Writer.TryWrite(true);

    /// <summary>Returns when someone called or the interval, which may be infinite, is over.</summary>
    public async Task WaitAsync(TimeSpan interval, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(interval);
        try
        {
            await _pending.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The interval is over: time for a look of one's own.
        }
    }
}
