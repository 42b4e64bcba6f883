namespace Claimed.Registry.Images.Proxies;

/// <summary>Reads what another registry sends, with a limit on standing still: it may be slow, and it may go silent in the middle.</summary>
internal sealed class OutsideBody(Stream content, TimeSpan idle) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public static async Task<OutsideBody> OpenAsync(HttpResponseMessage answer, TimeSpan idle) =>
        new(await answer.Content.ReadAsStreamAsync(CancellationToken.None), idle);

    /// <summary>What came next; 0 at the end.</summary>
    /// <exception cref="TransferException">Nothing came for too long, or it broke off.</exception>
    public async Task<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            _stop.CancelAfter(idle);
            return await content.ReadAsync(buffer, _stop.Token);
        }
        catch (OperationCanceledException fault) when (_stop.IsCancellationRequested)
        {
            throw new TransferException("it stood still for too long", fault);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            throw new TransferException("it broke off", fault);
        }
    }

    /// <summary>All of it, or null when it is longer than the limit, stalls or breaks off.</summary>
    public static async Task<byte[]?> ReadAllAsync(HttpResponseMessage answer, int limit, TimeSpan idle)
    {
        if (answer.Content.Headers.ContentLength > limit)
            return null;
        try
        {
            await using var body = await OpenAsync(answer, idle);
            var buffer = new byte[(int)(answer.Content.Headers.ContentLength ?? limit) + 1];
            var count = 0;
            while (count < buffer.Length && await body.ReadAsync(buffer.AsMemory(count)) is var read and > 0)
                count += read;
            return count < buffer.Length ? buffer[..count] : null;
        }
        catch (TransferException)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync()
    {
        _stop.Dispose();
        return content.DisposeAsync();
    }
}
