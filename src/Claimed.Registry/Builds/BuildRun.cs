using System.Diagnostics;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Channels;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Runs one build from its row to a ready or failed version.</summary>
public sealed partial class BuildRun(
    BuildQueue queue, RegistryDatabase database, IBlobStore blobs, IImageBuilder engine, ImageStore images, PushTickets tickets,
    ReadyVersions ready, PushHost pushHost, IOptions<BuildOptions> options, IOptions<ImageOptions> imageOptions,
    IOptions<RegistryOptions> registry, RegistryMetrics metrics, TimeProvider clock, ILogger<BuildRun> logger)
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RemovalLimit = TimeSpan.FromSeconds(30);

    private sealed record Subject(string Space, string Name, ComponentVersion Version)
    {
        public string Repository => $"{Space}/{Name}";
    }

    public async Task RunAsync(BuildLease lease, CancellationToken stopping)
    {
        using var span = RegistryTraces.Continue("build", lease.TraceParent, ActivityKind.Consumer);
        span?.SetTag("claimed.build.id", lease.BuildId).SetTag("claimed.build.attempt", lease.Attempt);
        var began = clock.GetTimestamp();
        var outcome = BuildOutcome.Lost;
        metrics.BuildStarted();
        try
        {
            var subject = await LoadAsync(lease, CancellationToken.None);
            span?.SetTag("claimed.component", subject.Repository).SetTag("claimed.version", subject.Version.Number);
            outcome = await AttemptAsync(lease, subject, stopping);
        }
        finally
        {
            metrics.BuildEnded(outcome, clock.GetElapsedTime(began));
            span?.SetTag("claimed.build.outcome", outcome.ToString()).SetStatus(outcome == BuildOutcome.Succeeded ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
        }
    }

    private async Task<BuildOutcome> AttemptAsync(BuildLease lease, Subject subject, CancellationToken stopping)
    {
        var log = new BuildLog(database, blobs, lease, options.Value.MaxLogLength);
        using var limits = new BuildLimits(options.Value, clock, stopping);
        log.Active = limits.Active;
        var beating = BeatAsync(lease, log, limits);
        try
        {
            if (!await MakeAsync(lease, subject, log, limits.Token))
                return BuildOutcome.Lost;
            LogReady(logger, subject.Repository, subject.Version.Number);
            return BuildOutcome.Succeeded;
        }
        catch (Exception fault) when (fault is BuildFailedException or ArgumentException or EngineUnavailableException or OperationCanceledException)
        {
            return await EndAsync(lease, subject, log, limits, fault);
        }
        finally
        {
            limits.Stop();
            await beating;
        }
    }

    /// <summary>False when another builder has the build by the end.</summary>
    private async Task<bool> MakeAsync(BuildLease lease, Subject subject, BuildLog log, CancellationToken cancellation)
    {
        var version = subject.Version;
        var definition = DefinitionJson.Read(version.Definition);
        var shaping = Json.Read<Dictionary<string, string>>(version.Options);
        IReadOnlyList<Components.Sources.SourceFile> files = [];
        var context = await RegistryTraces.StepAsync("build.context", async () =>
        {
            files = await FilesAsync(version, cancellation);
            return BuildContext.For(definition, files, shaping.GetValueOrDefault("baseImage"), options.Value, Labels(subject, definition));
        });
        var job = new BuildJob($"{pushHost.Value}/{subject.Repository}:build-{lease.BuildId}-{lease.Attempt}", shaping.GetValueOrDefault("platform"),
            new Dictionary<string, string> { ["claimed.registry.build"] = lease.BuildId.ToString() });

        log.Write($"Building {subject.Repository} {version.Number}, attempt {lease.Attempt}\n");
        await using (var stream = await context.OpenAsync(BuildContext.FolderOf(registry.Value), cancellation))
            await RegistryTraces.StepAsync("build.engine", () => engine.BuildAsync(job, stream, log.Write, cancellation));
        try
        {
            var ticket = tickets.Issue(subject.Repository, options.Value.Timeout);
            await RegistryTraces.StepAsync("build.push", () => engine.PushAsync(job, ticket, log.Write, cancellation));
            return await RegistryTraces.StepAsync("build.finish", () => FinishAsync(lease, subject, definition, context, files, log, job, cancellation));
        }
        finally
        {
            await RemoveQuietlyAsync(job);
        }
    }

    private async Task<bool> FinishAsync(
        BuildLease lease, Subject subject, Definition definition, BuildContext context, IReadOnlyList<Components.Sources.SourceFile> files,
        BuildLog log, BuildJob job, CancellationToken cancellation)
    {
        var tag = job.Reference[(job.Reference.LastIndexOf(':') + 1)..];
        // The digest is what our store has, not what the engine says: those bytes are what clients will pull.
        var digest = await images.ResolveTagAsync(subject.Repository, tag, cancellation)
            ?? throw new EngineUnavailableException("The engine said that it pushed the image, but the image store does not have it.");
        var version = subject.Version;
        var image = $"{imageOptions.Value.PublicHost}/{subject.Repository}@{digest}";
        var component = version.Component!;
        var originals = new Dictionary<string, ReadOnlyMemory<byte>>
        {
            [RenditionForm.Dockerfile] = System.Text.Encoding.UTF8.GetBytes(context.Dockerfile),
        };
        if (definition.Language == SourceLanguage.Container)
            originals[RenditionForm.Original] = files.Single(file => file.Path == definition.MainFile).Content;
        var forms = await ready.PrepareAsync(
            ready.SourceOf(subject.Space, subject.Name, version.Number, definition, image, version.BundleDigest, component.Category, component.GroupName),
            originals, cancellation);
        log.Write($"Ready: {image}\n");
        var logBlob = await log.StoreAsync(cancellation);
        var kept = await database.ChangeAsync(async change =>
        {
            await change.LockComponentAsync(version.ComponentId);
            if (await BuildQueue.HeldAsync(change, lease) is not { } build)
                return false;
            build.State = BuildState.Succeeded;
            build.EndedAt = change.Now;
            build.Holder = null;
            build.ImageDigest = digest;
            build.LogBlob = logBlob;
            change.Names(logBlob);
            await change.Db.BuildLogParts.Where(part => part.BuildId == build.Id).ExecuteDeleteAsync(change.Cancellation);
            ReadyVersions.Apply(change, build.Version!, subject.Repository, image, digest, forms);
            await ChannelTags.FollowAsync(change, images, build.Version!, subject.Repository, digest);
            await images.RemoveTagAsync(change, subject.Repository, tag);
            return true;
        }, cancellation);
        if (!kept)
            LogLost(logger, lease.BuildId);
        return kept;
    }

    private async Task<IReadOnlyList<Components.Sources.SourceFile>> FilesAsync(ComponentVersion version, CancellationToken cancellation)
    {
        try
        {
            return await Bundle.UnpackAsync(new MemoryStream(await blobs.ReadAllAsync(version.BundleBlob, cancellation), writable: false), cancellation);
        }
        catch (BlobLostException lost)
        {
            throw new BuildFailedException($"The published files are lost: {lost.Message} Publish the same files again and retry the build.");
        }
    }

    private async Task<BuildOutcome> EndAsync(BuildLease lease, Subject subject, BuildLog log, BuildLimits limits, Exception fault)
    {
        var why = limits.Why;
        if (why == BuildLimits.Lost)
        {
            LogLost(logger, lease.BuildId);
            return BuildOutcome.Lost;
        }
        log.Write($"\n{why ?? fault.Message}\n");
        var logBlob = await log.StoreAsync(CancellationToken.None);
        if (why == BuildLimits.Stopping)
            await queue.HandBackAsync(lease, "The registry was stopped during the build.", countsAttempt: false, logBlob: null, CancellationToken.None);
        else if (why == BuildLimits.Cancelled)
            await queue.FailAsync(lease, BuildState.Cancelled, why, logBlob, CancellationToken.None);
        else if (why is null && fault is EngineUnavailableException)
            await queue.HandBackAsync(lease, fault.Message, countsAttempt: true, logBlob, CancellationToken.None);
        else
            await queue.FailAsync(lease, BuildState.Failed, why ?? fault.Message, logBlob, CancellationToken.None);
        LogEnded(logger, subject.Repository, subject.Version.Number, why ?? fault.Message);
        return why switch
        {
            BuildLimits.Stopping => BuildOutcome.Requeued,
            BuildLimits.Cancelled => BuildOutcome.Cancelled,
            null when fault is EngineUnavailableException && lease.Attempt < BuildQueue.MaxAttempts => BuildOutcome.Requeued,
            _ => BuildOutcome.Failed,
        };
    }

    private async Task BeatAsync(BuildLease lease, BuildLog log, BuildLimits limits)
    {
        // A beat a second would bury the spans of the build.
        Activity.Current = null;
        using var timer = new PeriodicTimer(BeatInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(limits.Stopped))
            {
                try
                {
                    await BeatOnceAsync(lease, log, limits);
                }
                catch (Exception fault) when (!limits.Stopped.IsCancellationRequested)
                {
                    // A database that is away for a moment must not cost a healthy build; one that stays away lets the lease run out.
                    LogNoBeat(logger, lease.BuildId, fault);
                }
            }
        }
        catch (OperationCanceledException) when (limits.Stopped.IsCancellationRequested)
        {
            // The build has ended.
        }
    }

    private async Task BeatOnceAsync(BuildLease lease, BuildLog log, BuildLimits limits)
    {
        await log.FlushAsync(limits.Stopped);
        switch (await queue.BeatAsync(lease, limits.Stopped))
        {
            case null:
                limits.End(BuildLimits.Lost);
                break;
            case true:
                limits.End(BuildLimits.Cancelled);
                break;
        }
    }

    private Task<Subject> LoadAsync(BuildLease lease, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        var version = await db.Versions.Include(row => row.Component!.Namespace).SingleAsync(row => row.Id == lease.VersionId, cancellation);
        return new Subject(version.Component!.Namespace!.Name, version.Component.Name, version);
    }, cancellation);

    private async Task RemoveQuietlyAsync(BuildJob job)
    {
        try
        {
            await engine.RemoveAsync(job, CancellationToken.None);
        }
        catch (Exception fault) when (fault is BuildFailedException or ArgumentException or EngineUnavailableException)
        {
            LogNotRemoved(logger, job.Reference, fault.Message);
        }
    }

    private static Dictionary<string, string> Labels(Subject subject, Definition definition)
    {
        var labels = new Dictionary<string, string>
        {
            ["org.opencontainers.image.title"] = subject.Repository,
            ["org.opencontainers.image.version"] = subject.Version.Number,
            ["org.opencontainers.image.description"] = definition.Description.ReplaceLineEndings(" "),
            ["claimed.registry.bundle"] = subject.Version.BundleDigest,
        };
        if (subject.Version.Repository is { } source)
            labels["org.opencontainers.image.source"] = source;
        if (subject.Version.Revision is { } revision)
            labels["org.opencontainers.image.revision"] = revision;
        return labels;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Component} {Version} is ready.")]
    private static partial void LogReady(ILogger logger, string component, string version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Component} {Version} was not built: {Reason}")]
    private static partial void LogEnded(ILogger logger, string component, string version, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Build {Build} was taken over by another builder; its result here is dropped.")]
    private static partial void LogLost(ILogger logger, long build);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Build {Build} could not show that it lives; trying again.")]
    private static partial void LogNoBeat(ILogger logger, long build, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The engine keeps {Reference}: {Reason}")]
    private static partial void LogNotRemoved(ILogger logger, string reference, string reason);
}
