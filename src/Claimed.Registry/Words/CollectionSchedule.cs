using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary>Runs <c>gc</c> in a serving process from time to time; of several on one folder, whoever comes first.</summary>
public sealed partial class CollectionSchedule(
    GarbageCollection collection, Readiness readiness, IOptions<CollectionOptions> options, TimeProvider clock, ILogger<CollectionSchedule> logger) : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var every = options.Value.CollectEvery;
        if (every == TimeSpan.Zero)
            return;
        await readiness.Loaded.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(every < LongestPause ? every : LongestPause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (!File.Exists(collection.LockFile))
                    await File.WriteAllBytesAsync(collection.LockFile, [], stoppingToken);
                if (clock.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(collection.LockFile) < every)
                    continue;
                foreach (var kind in await collection.RunAsync(options.Value.CollectGrace, countOnly: false, stoppingToken) ?? [])
                {
                    if (kind.Count > 0)
                        LogCollected(logger, kind.Kind, kind.Count, kind.Bytes);
                }
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, fault);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Collected {Kind}: {Count}, {Bytes} bytes.")]
    private static partial void LogCollected(ILogger logger, string kind, int count, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The collection of what nobody needs failed; the next round tries again.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
