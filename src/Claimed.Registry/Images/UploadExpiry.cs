using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>Gives back the space of uploads that nobody continues.</summary>
public sealed partial class UploadExpiry(UploadSessions sessions, IOptions<ImageOptions> options, TimeProvider clock, ILogger<UploadExpiry> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.UploadExpiry / 4, clock);
        do
        {
            try
            {
                if (await sessions.ExpireAsync(countOnly: false, stoppingToken) is { Count: > 0 and var count })
                    LogExpired(logger, count);
            }
            catch (Exception fault) when (fault is IOException || StorageFaults.MayPass(fault))
            {
                LogFailed(logger, fault);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} uploads that nobody continued were removed.")]
    private static partial void LogExpired(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Uploads that nobody continues could not be removed; the next round tries again.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
