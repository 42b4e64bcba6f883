using Claimed.Database.Builds;
using Claimed.Registry.Storage;
using Claimed.Registry.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Tells the metrics how long the queue is and how old, also where no builder runs and while a build keeps the builder busy.</summary>
public sealed partial class QueueWatch(
    RegistryDatabase database, Readiness readiness, RegistryMetrics metrics, IOptions<BuildOptions> options, TimeProvider clock,
    ILogger<QueueWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(options.Value.LookInterval, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogLookFailed(logger, fault.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        // A database that hangs must not leave more than this one look waiting.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.Value.LookInterval);
        var queued = await database.ReadAsync(db => db.Builds.Where(build => build.State == BuildState.Queued).GroupBy(_ => 1)
            .Select(all => new { Length = all.Count(), Oldest = all.Min(build => build.QueuedAt) }).SingleOrDefaultAsync(limit.Token), limit.Token);
        metrics.QueueSeen(queued?.Length ?? 0, queued?.Oldest);
    }

    // Others say that the database is away, and louder.
    [LoggerMessage(Level = LogLevel.Debug, Message = "The metrics of the build queue keep their values: {Reason}")]
    private static partial void LogLookFailed(ILogger logger, string reason);
}
