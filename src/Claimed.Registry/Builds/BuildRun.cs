using System.Diagnostics;
using Claimed.Components.Failures;
using Claimed.Database.Builds;
using Claimed.Registry.Builds.Logs;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Telemetry;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Runs one build from its row to a ready or failed version: what may end it, and how its end is stored.</summary>
public sealed partial class BuildRun(
    BuildQueue queue, BuildMaking making, BuildFinish finish, RegistryDatabase database, IBlobStore blobs, SecretTexts secrets, IOptions<BuildOptions> options, BuildBeat beat,
    RegistryMetrics metrics, TimeProvider clock, ILogger<BuildRun> logger)
{
    private static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(1);

    public async Task RunAsync(BuildLease lease, CancellationToken stopping)
    {
        using var span = RegistryTraces.Continue("build", lease.TraceParent, ActivityKind.Consumer);
        span?.SetTag("claimed.build.id", lease.BuildId).SetTag("claimed.build.attempt", lease.Attempt);
        var began = clock.GetTimestamp();
        var outcome = BuildOutcome.Lost;
        metrics.BuildStarted();
        try
        {
            outcome = await AttemptAsync(lease, stopping);
        }
        finally
        {
            metrics.BuildEnded(outcome, clock.GetElapsedTime(began));
            span?.SetTag("claimed.build.outcome", outcome.ToString()).SetStatus(outcome == BuildOutcome.Succeeded ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
        }
    }

    private async Task<BuildOutcome> AttemptAsync(BuildLease lease, CancellationToken stopping)
    {
        var log = new BuildLog(database, blobs, lease, secrets, options.Value.MaxLogLength);
        using var limits = new BuildLimits(lease.Limits, clock, stopping);
        log.Active = limits.Active;
        var beating = beat.RunAsync(lease, log, limits);
        try
        {
            var subject = await making.LoadAsync(lease, limits.Token);
            Activity.Current?.SetTag("claimed.component", subject.Repository).SetTag("claimed.version", subject.Version.Number);
            if (await making.MakeAsync(lease, subject, log, made => finish.RunAsync(lease, subject, made, log, limits), limits.Token))
            {
                LogReady(logger, subject.Repository, subject.Version.Number);
                return BuildOutcome.Succeeded;
            }
            LogLost(logger, lease.BuildId);
            return BuildOutcome.Lost;
        }
        catch (Exception) when (limits.Why == BuildLimits.Lost)
        {
            LogLost(logger, lease.BuildId);
            return BuildOutcome.Lost;
        }
        catch (Exception fault)
        {
            var ending = BuildEnding.Of(limits.Why, fault);
            return await EndAsync(lease, log, ending with { Reason = WithoutSecrets(ending.Reason) }, fault, stopping);
        }
        finally
        {
            limits.Stop();
            await beating;
        }
    }

    /// <summary>Stores how the build ended. Without disk or database that waits until they are back: the process knows the true reason, a sweeper would not.</summary>
    private async Task<BuildOutcome> EndAsync(BuildLease lease, BuildLog log, BuildEnding ending, Exception fault, CancellationToken stopping)
    {
        if (ending.IsUnexpected)
            LogUnexpected(logger, lease.BuildId, fault);
        log.Write($"\n{ending.Reason}\n");
        for (var tries = 1; ; tries++)
        {
            try
            {
                await StoreEndAsync(lease, log, ending, (fault as BuildFailedException)?.Failure);
                LogEnded(logger, lease.BuildId, ending.Reason);
                return ending.OutcomeFor(lease);
            }
            catch (Exception away) when (StorageFaults.MayPass(away) && !stopping.IsCancellationRequested)
            {
                if (tries == 1)
                    LogNoEnd(logger, lease.BuildId, away);
                await WaitAsync(StoreInterval, stopping);
            }
        }
    }

    private async Task StoreEndAsync(BuildLease lease, BuildLog log, BuildEnding ending, BuildFailure? failure)
    {
        var stored = await log.StoreAsync(CancellationToken.None);
        if (ending.State == BuildState.Queued)
            await queue.HandBackAsync(lease, ending.Reason, ending.CountsAttempt, ending.Pause, stored, CancellationToken.None);
        else
            await queue.FailAsync(lease, ending.State, ending.Reason, stored, CancellationToken.None, ending.State == BuildState.Failed && failure is not null ? Json.Write(failure.In(WithoutSecrets)) : null);
    }

    private string WithoutSecrets(string text) => AddressAccounts.Masked(secrets.Masked(text));

    private async Task WaitAsync(TimeSpan time, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(time, clock, stopping);
        }
        catch (OperationCanceledException)
        {
            // One last try, then the process ends.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Component} {Version} is ready.")]
    private static partial void LogReady(ILogger logger, string component, string version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Build {Build} made no image: {Reason}")]
    private static partial void LogEnded(ILogger logger, long build, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Build {Build} met a fault that is not its own.")]
    private static partial void LogUnexpected(ILogger logger, long build, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The end of build {Build} cannot be stored yet; trying until it can.")]
    private static partial void LogNoEnd(ILogger logger, long build, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Build {Build} was taken over by another builder; its result here is dropped.")]
    private static partial void LogLost(ILogger logger, long build);
}
