using System.Diagnostics;
using Claimed.Registry.Builds.Logs;

namespace Claimed.Registry.Builds;

/// <summary>Shows once a second that a build lives: stores its new log lines, raises its beat, and hears of a cancellation or a lost lease.</summary>
public sealed partial class BuildBeat(BuildQueue queue, TimeProvider clock, ILogger<BuildBeat> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Ends when the build's limits are stopped.</summary>
    public async Task RunAsync(BuildLease lease, BuildLog log, BuildLimits limits)
    {
        // A beat a second would bury the spans of the build.
        Activity.Current = null;
        using var timer = new PeriodicTimer(Interval, clock);
        var failing = false;
        try
        {
            while (await timer.WaitForNextTickAsync(limits.Stopped))
            {
                try
                {
                    await BeatOnceAsync(lease, log, limits);
                    failing = false;
                }
                catch (Exception fault) when (!limits.Stopped.IsCancellationRequested)
                {
                    // A database that is away for a moment must not cost a healthy build; one that stays away lets the lease run out.
                    if (!failing)
                        LogNoBeat(logger, lease.BuildId, fault);
                    failing = true;
                }
            }
        }
        catch (OperationCanceledException) when (limits.Stopped.IsCancellationRequested)
        {
            // The build has ended.
        }
    }

    private async Task BeatOnceAsync(BuildLease lease, BuildLog log, BuildLimits limits)
    {
        await log.FlushAsync(limits.Stopped);
        switch (await queue.BeatAsync(lease, limits.Stopped))
        {
            case null:
                limits.End(BuildLimits.Lost);
                break;
            case true:
                limits.End(BuildLimits.Cancelled);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Build {Build} could not show that it lives; trying again.")]
    private static partial void LogNoBeat(ILogger logger, long build, Exception fault);
}
