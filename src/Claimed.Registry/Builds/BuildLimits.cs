namespace Claimed.Registry.Builds;

/// <summary>Everything that can end a build from outside, as one token and the reason that came first.</summary>
public sealed class BuildLimits : IDisposable
{
    public const string Cancelled = "The build was cancelled.";
    public const string Stopping = "The registry is stopping.";
    public const string Lost = "Another builder took the build.";

    private readonly EffectiveLimits _limits;
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly ITimer _total;
    private readonly ITimer _idle;
    private readonly CancellationTokenRegistration _stopping;
    private string? _why;

    public BuildLimits(EffectiveLimits limits, TimeProvider clock, CancellationToken stopping)
    {
        _limits = limits;
        _total = clock.CreateTimer(_ => End($"The build took longer than {limits.Timeout.TotalSeconds:0} seconds (Builds__Timeout)."),
            null, limits.Timeout, Timeout.InfiniteTimeSpan);
        _idle = clock.CreateTimer(_ => End($"The build was silent for {limits.IdleTimeout.TotalSeconds:0} seconds (Builds__IdleTimeout)."),
            null, limits.IdleTimeout, Timeout.InfiniteTimeSpan);
        _stopping = stopping.Register(() => End(Stopping));
    }

    /// <summary>Ends the engine's work.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Ends what accompanies the build, when it is over.</summary>
    public CancellationToken Stopped => _stopped.Token;

    /// <summary>Why <see cref="Token"/> was cancelled; null while it was not.</summary>
    public string? Why => Volatile.Read(ref _why);

    /// <summary>Output came: the silence starts anew.</summary>
    public void Active() => _idle.Change(_limits.IdleTimeout, Timeout.InfiniteTimeSpan);

    public void End(string why)
    {
        if (Interlocked.CompareExchange(ref _why, why, null) is null)
            _end.Cancel();
    }

    public void Stop() => _stopped.Cancel();

    public void Dispose()
    {
        _stopping.Dispose();
        _total.Dispose();
        _idle.Dispose();
        _end.Dispose();
        _stopped.Dispose();
    }
}
