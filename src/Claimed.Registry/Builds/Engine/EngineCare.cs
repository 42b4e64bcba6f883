using Claimed.Database.Builds;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Engine;

/// <summary>What builds of this registry are doing, so that housekeeping leaves alone what they use.</summary>
/// <param name="Attempts">Those under way: id of the build, and the fence with which its builder has it.</param>
public sealed record BuildsUnderWay(IReadOnlySet<(long Build, long Fence)> Attempts);

/// <summary>
/// Removes from the engine what builds left there: those of builders that were killed, and the steps of builds that failed. At start, soon
/// after it, when the builds of a killed builder have been taken back, and then now and again.
/// </summary>
public sealed partial class EngineCare(
    RegistryDatabase database, IImageBuilder engine, BuildSweeper sweeper, IOptions<BuildOptions> options, Readiness readiness, TimeProvider clock, ILogger<EngineCare> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        await sweeper.Looked.WaitAsync(stoppingToken);
        for (var round = 0; !stoppingToken.IsCancellationRequested; round++)
        {
            try
            {
                await engine.TidyAsync(UnderWayAsync, stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotTidied(logger, fault.Message);
            }
            var soon = 2 * options.Value.Lease;
            await Task.Delay(round == 0 && soon < options.Value.CareInterval ? soon : options.Value.CareInterval, clock, stoppingToken);
        }
    }

    private Task<BuildsUnderWay> UnderWayAsync(CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        var rows = await db.Builds.Where(build => build.State == BuildState.Building)
            .Select(build => new { build.Id, build.Fence }).ToListAsync(cancellation);
        return new BuildsUnderWay(rows.Select(row => (row.Id, row.Fence)).ToHashSet());
    }, cancellation);

    [LoggerMessage(Level = LogLevel.Information, Message = "The engine could not be tidied up: {Reason}")]
    private static partial void LogNotTidied(ILogger logger, string reason);
}
