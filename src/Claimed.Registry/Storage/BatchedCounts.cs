namespace Claimed.Registry.Storage;

/// <summary>
/// Counts in memory and adds to rows every few seconds: a write for each would cost more than what is counted. A killed process loses what it has
/// counted since; one that stops stores it.
/// </summary>
public abstract partial class BatchedCounts(TimeProvider clock, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Adds what was counted to the rows; what cannot be stored stays for the next time.</summary>
    public abstract Task StoreAsync();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        var failing = false;
        while (await WaitAsync(timer, stoppingToken))
        {
            try
            {
                await StoreAsync();
                failing = false;
            }
            catch (Exception fault) when (StorageFaults.MayPass(fault) || Contention.IsCauseOf(fault))
            {
                if (!failing)
                    LogNotStored(logger, fault);
                failing = true;
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await StoreAsync();
        }
        catch (Exception fault) when (StorageFaults.MayPass(fault) || Contention.IsCauseOf(fault))
        {
            LogNotStored(logger, fault);
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was counted could not be stored; it is tried again.")]
    private static partial void LogNotStored(ILogger logger, Exception fault);
}
