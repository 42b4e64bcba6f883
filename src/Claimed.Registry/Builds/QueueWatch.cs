using Claimed.Database.Builds;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>
/// Tells the metrics how long the queue is and how old, also where no builder runs and while a build keeps the builder busy. A node
/// without a builder sees by it that nobody takes builds.
/// </summary>
public sealed partial class QueueWatch(
    RegistryDatabase database, BuilderRoll roll, Readiness readiness, RegistryMetrics metrics, Notices notices, IOptions<BuildOptions> options, TimeProvider clock,
    ILogger<QueueWatch> logger) : BackgroundService
{
    private const string NobodyBuilds = "Builds are due and no builder takes them: start a process with the word build, or look why those that run do not.";

    // The build that was due and untaken at the last looks, and when this process first saw it so.
    private (long Build, long Since)? _untaken;

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
        await roll.LookAsync(limit.Token);
        notices.Builders = roll.Alive;
        if (!options.Value.Enabled)
            await LookForBuildersAsync(limit.Token);
    }

    /// <summary>Says that nobody builds once the first build in the queue is due for the time of a lease and nothing is being built meanwhile.</summary>
    private async Task LookForBuildersAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        // What is being built shows a builder, unless all of them are gone.
        var isNobodyThere = roll.IsShared && roll.Alive.Count == 0;
        var first = await database.ReadAsync(db => db.Builds
            .Where(build => isNobodyThere
                ? build.State == BuildState.Queued || build.State == BuildState.Building
                : build.State == BuildState.Queued && build.NotBefore <= now && !db.Builds.Any(other => other.State == BuildState.Building))
            .OrderBy(build => build.Id).Select(build => (long?)build.Id).FirstOrDefaultAsync(cancellation), cancellation);
        if (first is not { } build)
            _untaken = null;
        else if (_untaken?.Build != build)
            _untaken = (build, clock.GetTimestamp());
        if (_untaken is { } untaken && clock.GetElapsedTime(untaken.Since) >= options.Value.Lease)
            notices.BuildsWait = Reason();
        else
            notices.BuildsWait = null;
    }

    /// <summary>Builders that say themselves why they take nothing know it best.</summary>
    private string Reason() => roll.Alive is { Count: > 0 } builders && builders.All(node => node.Fault is not null)
        ? string.Join(" ", builders.Select(node => $"{node.Name}: {node.Fault}"))
        : NobodyBuilds;

    // Others say that the database is away, and louder.
    [LoggerMessage(Level = LogLevel.Debug, Message = "The metrics of the build queue keep their values: {Reason}")]
    private static partial void LogLookFailed(ILogger logger, string reason);
}
