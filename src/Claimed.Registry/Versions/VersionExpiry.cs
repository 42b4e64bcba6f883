using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Versions;

/// <summary>Removes the pre-releases whose time is over.</summary>
public sealed partial class VersionExpiry(RegistryDatabase database, VersionPurge purge, TimeProvider clock, ILogger<VersionExpiry> logger)
{
    /// <summary>Removes those that are over now, or only counts them; one that is being built waits for the next time.</summary>
    public async Task<Collected> CollectAsync(bool countOnly, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var over = await database.ReadAsync(db => db.Versions.Where(row => row.ExpiresAt <= now && row.PurgedAt == null).OrderBy(row => row.ExpiresAt)
            .Select(row => new { Space = row.Component!.Namespace!.Name, row.Component.Name, row.Number }).ToListAsync(cancellation), cancellation);
        var count = 0;
        foreach (var version in over)
        {
            try
            {
                if (countOnly || await purge.ExpireAsync(version.Space, version.Name, version.Number, cancellation))
                    count++;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // One that cannot go keeps neither the others nor the collection that this is a part of.
                LogStays(logger, $"{version.Space}/{version.Name}", version.Number, fault);
            }
        }
        return new Collected("pre-releases that have expired", count);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Component} {Number} has expired and could not be removed; readers do not get it, and the next round tries again.")]
    private static partial void LogStays(ILogger logger, string component, string number, Exception fault);
}

/// <summary>Runs that in every process several times a minute. Of several processes one finds each version; the others find it gone.</summary>
public sealed partial class ExpirySchedule(VersionExpiry expiry, Readiness readiness, TimeProvider clock, ILogger<ExpirySchedule> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Every, clock);
        var failing = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await expiry.CollectAsync(countOnly: false, stoppingToken) is { Count: > 0 and var count })
                    LogExpired(logger, count);
                failing = false;
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failing)
                    LogFailed(logger, fault);
                failing = true;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} pre-releases have expired and were removed.")]
    private static partial void LogExpired(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pre-releases that have expired could not be removed; readers do not get them, and the next round tries again.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
