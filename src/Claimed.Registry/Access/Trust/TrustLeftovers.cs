using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.Trust;

/// <summary>Removes now and then what exchanges leave behind: used tokens of jobs that their own time refuses, and tokens that ended.</summary>
public sealed partial class TrustLeftovers(RegistryDatabase database, KnownTokens tokens, Readiness readiness, TimeProvider clock, ILogger<TrustLeftovers> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    // Clocks of other nodes may be behind; and who asks why a job failed finds its token yet.
    private static readonly TimeSpan UsedGrace = TimeSpan.FromHours(1);
    private static readonly TimeSpan TokenGrace = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await RemoveAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogLater(logger, fault);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task RemoveAsync(CancellationToken cancellation)
    {
        tokens.ForgetEnded();
        await database.ChangeAsync(async change =>
        {
            var used = change.Now - (long)UsedGrace.TotalMilliseconds;
            await change.Db.UsedAssertions.Where(row => row.ExpiresAt < used).ExecuteDeleteAsync(change.Cancellation);
            var ended = change.Now - (long)TokenGrace.TotalMilliseconds;
            await change.Db.Tokens.Where(row => row.TrustRuleId != null && row.ExpiresAt < ended).ExecuteDeleteAsync(change.Cancellation);
        }, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Used tokens of CI jobs could not be removed; the next try is in ten minutes.")]
    private static partial void LogLater(ILogger logger, Exception fault);
}
