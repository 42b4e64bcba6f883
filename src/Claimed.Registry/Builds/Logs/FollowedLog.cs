using Claimed.Database.Builds;

namespace Claimed.Registry.Builds.Logs;

/// <summary>The log of one build for all at this node who follow it: it is looked at four times a second while somebody does, however many they are.</summary>
internal sealed class FollowedLog(Func<LogView?, CancellationToken, Task<LogView?>> look, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private int _followers;
    private bool _isOver;
    private Task? _looking;
    private LogView? _view;
    private Exception? _fault;
    private TaskCompletionSource _changed = New();

    /// <summary>False when its last follower has left.</summary>
    public bool TryJoin()
    {
        lock (_lock)
        {
            if (_isOver)
                return false;
            _followers++;
            _looking ??= Task.Run(RunAsync);
            return true;
        }
    }

    /// <summary>True for the last one.</summary>
    public async ValueTask<bool> LeaveAsync()
    {
        lock (_lock)
        {
            if (--_followers > 0)
                return false;
            _isOver = true;
        }
        await _stop.CancelAsync();
        await _looking!;
        _stop.Dispose();
        return true;
    }

    /// <summary>Waits for a view other than <paramref name="seen"/>, for a while: then it is that one again. Over is a build that is not there any more.</summary>
    public async Task<(LogView? View, bool IsOver)> NextAsync(LogView? seen, TimeSpan most, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_fault is not null)
                    throw _fault;
                if (!ReferenceEquals(_view, seen))
                    return (_view, _view is null);
                if (_isOver)
                    return (null, true);
                changed = _changed.Task;
            }
            if (most - clock.GetElapsedTime(began) is var left && left <= TimeSpan.Zero)
                return (seen, false);
            await Task.WhenAny(changed, Task.Delay(left, clock, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(Interval, clock);
            do
            {
                var view = await look(_view, _stop.Token);
                if (view is null || _view is not { } before || (view.Run, view.State, view.End, view.Cut) != (before.Run, before.State, before.End, before.Cut))
                    Show(view, isOver: view is null);
                if (view is null || BuildState.HasEnded(view.State))
                    return;
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody follows any more.
        }
        catch (Exception fault)
        {
            // Each follower's stream breaks off, and its client comes back to where it was.
            lock (_lock)
                (_fault, _isOver) = (fault, true);
            _changed.SetResult();
        }
    }

    private void Show(LogView? view, bool isOver)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            (_view, _isOver) = (view, isOver || _isOver);
            (changed, _changed) = (_changed, New());
        }
        changed.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
