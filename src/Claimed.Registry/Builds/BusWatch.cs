using Claimed.Registry.Http;
using Claimed.Registry.Telemetry;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>
/// Says, once for each change, when the bus is away and when it is back. Never more than a notice: publishing and building go on without
/// it, only later by the builders' look interval.
/// </summary>
public sealed partial class BusWatch(
    IBusControl bus, Notices notices, RegistryMetrics metrics, IOptions<BusOptions> options, IOptions<BuildOptions> builds, TimeProvider clock,
    ILogger<BusWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // The first connection takes its moment; that is no news.
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var began = clock.GetTimestamp();
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var isHealthy = bus.CheckHealth().Status == BusHealthStatus.Healthy;
            if (isHealthy && notices.BusAway is not null)
            {
                notices.BusAway = null;
                LogBack(logger);
            }
            else if (!isHealthy && notices.BusAway is null && clock.GetElapsedTime(began) > StartLimit)
            {
                notices.BusAway = $"The broker at {options.Value.Address} does not answer; builders find new builds by their look every {builds.Value.LookInterval.TotalSeconds:0.#} seconds.";
                LogAway(logger, notices.BusAway);
            }
            metrics.BusDegraded = notices.BusAway is not null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The message bus is away. {Reason}")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The message bus is back.")]
    private static partial void LogBack(ILogger logger);
}
