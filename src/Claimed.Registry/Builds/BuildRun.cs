using System.Diagnostics;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
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
    BuildQueue queue, RegistryDatabase database, IBlobStore blobs, IImageBuilder engine, ImageStore images, PushTarget target,
    ReadyVersions ready, IOptions<BuildOptions> options, IOptions<RegistryOptions> registry, BuildBeat beat, RegistryMetrics metrics, TimeProvider clock, ILogger<BuildRun> logger)
{
    private static readonly TimeSpan RemovalLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StorePatience = TimeSpan.FromMinutes(1);

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
        var log = new BuildLog(database, blobs, lease, options.Value.MaxLogLength);
        using var limits = new BuildLimits(options.Value, clock, stopping);
        log.Active = limits.Active;
        var beating = beat.RunAsync(lease, log, limits);
        try
        {
            var subject = await LoadAsync(lease, limits.Token);
            Activity.Current?.SetTag("claimed.component", subject.Repository).SetTag("claimed.version", subject.Version.Number);
            if (await MakeAsync(lease, subject, log, limits))
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
            return await EndAsync(lease, log, BuildEnding.Of(limits.Why, fault), fault, stopping);
        }
        finally
        {
            limits.Stop();
            await beating;
        }
    }

    /// <summary>False when another builder has the build by the end.</summary>
    private async Task<bool> MakeAsync(BuildLease lease, Subject subject, BuildLog log, BuildLimits limits)
    {
        var cancellation = limits.Token;
        var version = subject.Version;
        var definition = DefinitionJson.Read(version.Definition);
        var shaping = Json.Read<Dictionary<string, string>>(version.Options);
        IReadOnlyList<Components.Sources.SourceFile> files = [];
        var context = await RegistryTraces.StepAsync("build.context", async () =>
        {
            files = await PublishedFilesAsync(version.BundleBlob, cancellation);
            return BuildContext.For(definition, files, shaping.GetValueOrDefault("baseImage"), options.Value, Labels(subject.Repository, version, definition));
        });
        var job = new BuildJob(target.ReferenceFor(subject.Repository, version.Number, $"build-{lease.BuildId}-{lease.Attempt}"), shaping.GetValueOrDefault("platform"),
            new Dictionary<string, string> { ["claimed.registry.build"] = lease.BuildId.ToString() }, context.Dependencies);

        log.Write($"Building {subject.Repository} {version.Number}, attempt {lease.Attempt}\n");
        await RegistryTraces.StepAsync("build.engine", () => engine.BuildAsync(job, token => context.OpenAsync(BuildContext.FolderOf(registry.Value), token), log.Write, cancellation));
        try
        {
            var account = target.AccountFor(subject.Repository, job.Reference);
            var pushed = await RegistryTraces.StepAsync("build.push", () => engine.PushAsync(job, account, log.Write, cancellation));
            return await RegistryTraces.StepAsync("build.finish",
                () => UntilStoredAsync(() => FinishAsync(lease, subject, definition, context, files, log, job, pushed, cancellation), limits));
        }
        finally
        {
            await RemoveQuietlyAsync(job);
        }
    }

    /// <summary>A bundle that is not what was published must not become an image under its name.</summary>
    private async Task<IReadOnlyList<Components.Sources.SourceFile>> PublishedFilesAsync(string digest, CancellationToken cancellation)
    {
        try
        {
            return await Bundle.UnpackAsync(new MemoryStream(await blobs.ReadAllAsync(digest, cancellation), writable: false), cancellation);
        }
        catch (BlobLostException lost)
        {
            throw new BuildFailedException($"The published files are lost: {lost.Message} Publish the same files again, then retry this build.");
        }
    }

    /// <summary>The image is made and pushed: a moment without disk or database must not have it made again.</summary>
    private async Task<bool> UntilStoredAsync(Func<Task<bool>> store, BuildLimits limits)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await store();
            }
            catch (Exception fault) when ((fault is BlobLostException || StorageFaults.MayPass(fault)) && clock.GetElapsedTime(began) < StorePatience)
            {
                limits.Active();
                await Task.Delay(StoreInterval, clock, limits.Token);
            }
        }
    }

    private async Task<bool> FinishAsync(
        BuildLease lease, Subject subject, Definition definition, BuildContext context, IReadOnlyList<Components.Sources.SourceFile> files,
        BuildLog log, BuildJob job, string? pushed, CancellationToken cancellation)
    {
        var digest = await target.DigestAsync(subject.Repository, job.Reference, pushed, cancellation);
        var version = subject.Version;
        var image = target.Pinned(subject.Repository, digest);
        var originals = ReadyVersions.FilesOf(definition, files);
        originals[RenditionForm.Dockerfile] = System.Text.Encoding.UTF8.GetBytes(context.Dockerfile);
        var forms = await ready.PrepareAsync(
            ready.SourceOf(subject.Space, subject.Name, version.Number, definition, image, version.BundleDigest),
            originals, cancellation);
        log.Write($"Ready: {image}\n");
        var logBlob = await log.StoreAsync(cancellation);
        return await database.ChangeAsync(async change =>
        {
            // Before the build's row: what the channels mean is decided from all versions of the component.
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
            await ChannelTags.FollowAsync(change, images, build.Version!, subject.Repository, target.IsOwn ? digest : null);
            // Those of attempts that were killed between their push and this line, too.
            await ImageStore.RemoveTagsAsync(change, subject.Repository, BuildQueue.PushedTags(lease.BuildId));
            return true;
        }, cancellation);
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
                await StoreEndAsync(lease, log, ending);
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

    private async Task StoreEndAsync(BuildLease lease, BuildLog log, BuildEnding ending)
    {
        if (ending.State == BuildState.Queued && !ending.CountsAttempt)
            await queue.HandBackAsync(lease, ending.Reason, countsAttempt: false, ending.Pause, logBlob: null, CancellationToken.None);
        else if (ending.State == BuildState.Queued)
            await queue.HandBackAsync(lease, ending.Reason, countsAttempt: true, ending.Pause, await log.StoreAsync(CancellationToken.None), CancellationToken.None);
        else
            await queue.FailAsync(lease, ending.State, ending.Reason, await log.StoreAsync(CancellationToken.None), CancellationToken.None);
    }

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

    private Task<Subject> LoadAsync(BuildLease lease, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        var version = await db.Versions.Include(row => row.Component!.Namespace).SingleAsync(row => row.Id == lease.VersionId, cancellation);
        return new Subject(version.Component!.Namespace!.Name, version.Component.Name, version);
    }, cancellation);

    private async Task RemoveQuietlyAsync(BuildJob job)
    {
        try
        {
            using var limit = new CancellationTokenSource(RemovalLimit, clock);
            await engine.RemoveAsync(job, limit.Token);
        }
        catch (Exception fault)
        {
            LogNotRemoved(logger, job.Reference, fault.Message);
        }
    }

    internal static Dictionary<string, string> Labels(string repository, ComponentVersion version, Definition definition)
    {
        var labels = new Dictionary<string, string>
        {
            ["org.opencontainers.image.title"] = repository,
            ["org.opencontainers.image.version"] = version.Number,
            ["org.opencontainers.image.description"] = definition.Description.ReplaceLineEndings(" "),
            ["claimed.registry.bundle"] = version.BundleDigest,
        };
        if (version.Repository is { } source)
            labels["org.opencontainers.image.source"] = source;
        if (version.Revision is { } revision)
            labels["org.opencontainers.image.revision"] = revision;
        if (definition.License is { } license)
            labels["org.opencontainers.image.licenses"] = license;
        return labels;
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The engine keeps {Reference}: {Reason}")]
    private static partial void LogNotRemoved(ILogger logger, string reference, string reason);
}
