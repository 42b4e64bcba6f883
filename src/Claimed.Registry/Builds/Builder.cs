using System.Collections.Concurrent;
using Claimed.Registry.Builds.Bases;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Takes builds from the queue and runs them, as many at a time as configured; hands them back when the process ends.</summary>
public sealed partial class Builder(
    BuildQueue queue, BuildRun run, BuildSweeper sweeper, BuilderRoll roll, HeldBases held, IImageBuilder engine, BuildWake wake, Notices notices,
    IOptions<BuildOptions> options, IOptions<RegistryOptions> registry, IHostApplicationLifetime lifetime, Readiness readiness, ILogger<Builder> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<BuildLease, Task> _running = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        notices.BuildsWait = "The builder has not looked at the queue yet.";
        await UntilListeningAsync(stoppingToken);
        await readiness.Loaded.WaitAsync(stoppingToken);
        BuildContext.RemoveLeftOver(BuildContext.FolderOf(registry.Value));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await sweeper.SweepAsync([.. _running.Keys], stoppingToken);
                var offer = await OfferAsync(stoppingToken);
                if (offer is not null)
                    await FillAsync(offer, stoppingToken);
                await roll.EnterAsync(offer?.Engine, offer?.Platforms ?? [], notices.BuildsWait, _running.Count, stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogLookFailed(logger, fault);
            }
            await wake.WaitAsync(options.Value.LookInterval, stoppingToken);
        }
    }

    /// <summary>An engine pushes to this process, so it must listen before a build is taken.</summary>
    private async Task UntilListeningAsync(CancellationToken stopping)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stopping);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_running.Values);
        try
        {
            await roll.LeaveAsync(cancellationToken);
        }
        catch (Exception fault) when (StorageFaults.MayPass(fault) || fault is OperationCanceledException)
        {
            // Its entry grows old instead.
        }
    }

    private async Task<BuilderOffer?> OfferAsync(CancellationToken cancellation)
    {
        var state = await engine.CheckAsync(cancellation);
        if (state.Fault is { } fault && notices.BuildsWait != fault)
            LogNoEngine(logger, fault);
        else if (state.Fault is null && notices.BuildsWait is not null)
            LogEngine(logger, state.Title);
        notices.BuildsWait = state.Fault;
        return state.Fault is null ? new BuilderOffer(state.Title, state.Platforms, held.Contains) : null;
    }

    private async Task FillAsync(BuilderOffer offer, CancellationToken stopping)
    {
        while (_running.Count < options.Value.Concurrency && await queue.TakeAsync(offer, stopping) is { } lease)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _running[lease] = ended.Task;
            _ = Task.Run(() => RunAsync(lease, ended, stopping), CancellationToken.None);
        }
    }

    private async Task RunAsync(BuildLease lease, TaskCompletionSource ended, CancellationToken stopping)
    {
        try
        {
            await run.RunAsync(lease, stopping);
        }
        catch (Exception fault)
        {
            // Not even the end of the build could be stored before this process stops; its lease runs out and it is taken back.
            LogRunFailed(logger, lease.BuildId, fault);
        }
        finally
        {
            _running.TryRemove(lease, out _);
            ended.SetResult();
            wake.Now();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Builds run on {Engine}.")]
    private static partial void LogEngine(ILogger logger, string engine);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Builds wait: {Reason}")]
    private static partial void LogNoEngine(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The build queue could not be looked at; trying again.")]
    private static partial void LogLookFailed(ILogger logger, Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Build {Build} was dropped by this process and will be taken back.")]
    private static partial void LogRunFailed(ILogger logger, long build, Exception fault);
}
