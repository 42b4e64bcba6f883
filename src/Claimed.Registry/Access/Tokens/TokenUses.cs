using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.Tokens;

/// <summary>Writes once a minute which tokens were used; a use costs no write of its own.</summary>
public sealed partial class TokenUses(KnownTokens tokens, RegistryDatabase database, Readiness readiness, TimeProvider clock, ILogger<TokenUses> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await WriteAsync(stoppingToken);
    }

    /// <summary>Writes what was used since the last time; for the end of the process, too.</summary>
    public async Task WriteAsync(CancellationToken cancellation)
    {
        var uses = tokens.TakeUses();
        if (uses.Count == 0)
            return;
        try
        {
            await database.ChangeAsync(async change =>
            {
                foreach (var (id, used) in uses)
                    await change.Db.Tokens.Where(row => row.Id == id).ExecuteUpdateAsync(set => set.SetProperty(row => row.LastUsedAt, used), change.Cancellation);
            }, cancellation);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogLost(logger, fault);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (readiness.IsLoaded)
            await WriteAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "When tokens were last used could not be written.")]
    private static partial void LogLost(ILogger logger, Exception fault);
}
