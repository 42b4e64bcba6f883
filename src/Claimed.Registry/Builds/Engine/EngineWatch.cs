namespace Claimed.Registry.Builds.Engine;

/// <summary>Asks the engine now and then whether it is still there, while a build waits for its next word: one that accepted and then stands still would cost the whole idle limit.</summary>
internal sealed class EngineWatch : IAsyncDisposable
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);
    private const int MostSilences = 4;

    private readonly CancellationTokenSource _end;
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationToken _asked;
    private readonly TimeProvider _clock;
    private readonly Task _watching;
    private readonly TimeSpan _interval;
    private volatile bool _isSilent;

    /// <param name="interval">Between two questions, and how long each may wait for its answer; null for the usual.</param>
    public EngineWatch(Func<CancellationToken, Task> ping, TimeProvider clock, CancellationToken cancellation, TimeSpan? interval = null)
    {
        (_asked, _clock, _interval) = (cancellation, clock, interval ?? Usual);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Token = _end.Token;
        _watching = WatchAsync(ping);
    }

    /// <summary>Cancelled with the build, or when the engine stands still.</summary>
    public CancellationToken Token { get; }

    /// <exception cref="EngineUnavailableException">It ended because the engine stands still.</exception>
    public async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (_isSilent && !_asked.IsCancellationRequested)
        {
            throw new EngineUnavailableException($"The container engine accepted the build and then did not answer for {2 * MostSilences * _interval.TotalSeconds:0} seconds.");
        }
    }

    private async Task WatchAsync(Func<CancellationToken, Task> ping)
    {
        try
        {
            for (var silences = 0; silences < MostSilences;)
            {
                await Task.Delay(_interval, _clock, _over.Token);
                silences = await AnswersAsync(ping) ? 0 : silences + 1;
            }
            _isSilent = true;
            await _end.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The build is over.
        }
    }

    /// <summary>An engine that refuses is there, and one that has gone away ends the build by itself.</summary>
    private async Task<bool> AnswersAsync(Func<CancellationToken, Task> ping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        limit.CancelAfter(_interval);
        try
        {
            await ping(limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!_over.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception fault) when (EngineFaults.IsConnection(fault))
        {
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching;
        _over.Dispose();
        _end.Dispose();
    }
}
