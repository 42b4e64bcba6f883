using System.Collections.Concurrent;
using Claimed.Database.Builds;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Takes builds from the queue and runs them, as many at a time as configured; hands them back when the process ends.</summary>
public sealed partial class Builder(
    BuildQueue queue, BuildRun run, BuildSweeper sweeper, IImageBuilder engine, BuildWake wake, Notices notices,
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
                if (await EngineAsync(stoppingToken) is { } name)
                    await FillAsync(name, stoppingToken);
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
    }

    private async Task<string?> EngineAsync(CancellationToken cancellation)
    {
        try
        {
            var name = await engine.CheckAsync(cancellation);
            if (notices.BuildsWait is not null)
                LogEngine(logger, name);
            notices.BuildsWait = null;
            return name;
        }
        catch (EngineUnavailableException fault)
        {
            if (notices.BuildsWait != fault.Message)
                LogNoEngine(logger, fault.Message);
            notices.BuildsWait = fault.Message;
            return null;
        }
    }

    private async Task FillAsync(string engineName, CancellationToken stopping)
    {
        while (_running.Count < options.Value.Concurrency && await queue.TakeAsync(engineName, stopping) is { } lease)
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

/// <summary>Takes builds back from builders that gave no sign for the lease time, by this process's own clock alone.</summary>
public sealed class BuildSweeper(RegistryDatabase database, IOptions<BuildOptions> options, IOptions<DatabaseOptions> storage, TimeProvider clock)
{
    private readonly Dictionary<long, (long Fence, long Beat, long Seen)> _seen = [];
    private bool _first = true;

    /// <param name="mine">What this process works on: it knows itself that it lives, even while its beats cannot be stored.</param>
    public async Task SweepAsync(IReadOnlyCollection<BuildLease> mine, CancellationToken cancellation)
    {
        var building = await database.ReadAsync(db => db.Builds.Where(build => build.State == BuildState.Building)
            .Select(build => new { build.Id, build.Fence, build.Beat }).ToListAsync(cancellation), cancellation);
        // On SQLite this process alone may build: what is "building" at its start belongs to a dead one.
        var orphaned = _first && storage.Value.IsSqlite;
        foreach (var row in building)
        {
            if (!_seen.TryGetValue(row.Id, out var seen) || seen.Fence != row.Fence || seen.Beat != row.Beat)
                _seen[row.Id] = seen = (row.Fence, row.Beat, clock.GetTimestamp());
            if (mine.Any(lease => lease.BuildId == row.Id && lease.Fence == row.Fence))
                continue;
            if (orphaned || clock.GetElapsedTime(seen.Seen) >= options.Value.Lease)
                await TakeBackAsync(row.Id, row.Fence, row.Beat, isKnownDead: orphaned, cancellation);
        }
        _first = false;
        foreach (var ended in _seen.Keys.Except(building.Select(row => row.Id)).ToList())
            _seen.Remove(ended);
    }

    private Task TakeBackAsync(long id, long fence, long beat, bool isKnownDead, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        // The guarded update is what takes it: a holder that shows a beat in this moment keeps its build.
        var taken = await change.Db.Builds.Where(row => row.Id == id && row.Fence == fence && row.Beat == beat && row.State == BuildState.Building)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Fence, row => row.Fence + 1), change.Cancellation);
        if (taken == 1 && await BuildQueue.FindAsync(change, id) is { } build)
            await BuildQueue.RequeueAsync(change, build, "The builder that had it ended without a word.", countsAttempt: true,
                isKnownDead ? TimeSpan.Zero : null, logBlob: null);
    }, cancellation);
}
