using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Runs one build from its row to a ready or failed version.</summary>
public sealed partial class BuildRun(
    BuildQueue queue, RegistryDatabase database, IBlobStore blobs, IImageBuilder engine, ImageStore images, PushTickets tickets,
    ReadyVersions ready, PushHost pushHost, IOptions<BuildOptions> options, IOptions<ImageOptions> imageOptions,
    IOptions<RegistryOptions> registry, TimeProvider clock, ILogger<BuildRun> logger)
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RemovalLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StorePatience = TimeSpan.FromMinutes(1);

    private sealed record Subject(string Space, string Name, ComponentVersion Version)
    {
        public string Repository => $"{Space}/{Name}";
    }

    /// <summary>Where the archives lie that engines are given.</summary>
    public string ContextFolder => Path.Combine(registry.Value.DataPath, "contexts");

    public async Task RunAsync(BuildLease lease, CancellationToken stopping)
    {
        var log = new BuildLog(database, blobs, lease, options.Value.MaxLogLength);
        using var limits = new BuildLimits(options.Value, clock, stopping);
        log.Active = limits.Active;
        var beating = BeatAsync(lease, log, limits);
        try
        {
            var subject = await LoadAsync(lease, limits.Token);
            await MakeAsync(lease, subject, log, limits);
        }
        catch (Exception) when (limits.Why == BuildLimits.Lost)
        {
            LogLost(logger, lease.BuildId);
        }
        catch (Exception fault)
        {
            await EndAsync(lease, log, BuildEnding.Of(limits.Why, fault), fault, stopping);
        }
        finally
        {
            limits.Stop();
            await beating;
        }
    }

    private async Task MakeAsync(BuildLease lease, Subject subject, BuildLog log, BuildLimits limits)
    {
        var cancellation = limits.Token;
        var version = subject.Version;
        var definition = DefinitionJson.Read(version.Definition);
        var shaping = Json.Read<Dictionary<string, string>>(version.Options);
        var files = await PublishedFilesAsync(version.BundleBlob, cancellation);
        var context = BuildContext.For(definition, files, shaping.GetValueOrDefault("baseImage"), options.Value, Labels(subject, definition));
        var job = new BuildJob($"{pushHost.Value}/{subject.Repository}:build-{lease.BuildId}-{lease.Attempt}", shaping.GetValueOrDefault("platform"),
            new Dictionary<string, string> { ["claimed.registry.build"] = lease.BuildId.ToString() });

        log.Write($"Building {subject.Repository} {version.Number}, attempt {lease.Attempt}\n");
        await using (var stream = await context.OpenAsync(ContextFolder, cancellation))
            await engine.BuildAsync(job, stream, log.Write, cancellation);
        try
        {
            await engine.PushAsync(job, tickets.Issue(subject.Repository, options.Value.Timeout), log.Write, cancellation);
            await UntilStoredAsync(() => FinishAsync(lease, subject, definition, context, files, log, job, cancellation), limits);
        }
        finally
        {
            await RemoveQuietlyAsync(job);
        }
    }

    /// <summary>A bundle that is not what was published must not become an image under its name.</summary>
    private async Task<IReadOnlyList<Components.Sources.SourceFile>> PublishedFilesAsync(string digest, CancellationToken cancellation)
    {
        if (blobs.Size(digest) is null)
            throw new BuildFailedException("The published files are missing from the blob store. Publish them again, then retry this build.");
        var archive = await blobs.ReadAllAsync(digest, cancellation);
        if (Digest.Of(archive) != digest)
            throw new BuildFailedException("The published files are damaged in the blob store.");
        return await Bundle.UnpackAsync(new MemoryStream(archive), cancellation);
    }

    /// <summary>The image is made and pushed: a moment without disk or database must not have it made again.</summary>
    private async Task UntilStoredAsync(Func<Task> store, BuildLimits limits)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await store();
                return;
            }
            catch (Exception fault) when (StorageFaults.MayPass(fault) && clock.GetElapsedTime(began) < StorePatience)
            {
                limits.Active();
                await Task.Delay(StoreInterval, clock, limits.Token);
            }
        }
    }

    private async Task FinishAsync(
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
            if (await BuildQueue.HeldAsync(change, lease) is not { } build)
                return false;
            build.State = BuildState.Succeeded;
            build.EndedAt = change.Now;
            build.Holder = null;
            build.ImageDigest = digest;
            build.LogBlob = logBlob;
            await change.Db.BuildLogParts.Where(part => part.BuildId == build.Id).ExecuteDeleteAsync(change.Cancellation);
            ReadyVersions.Apply(change, build.Version!, subject.Repository, image, digest, forms);
            await ChannelTags.FollowAsync(change, images, build.Version!, subject.Repository, digest);
            // Those of attempts that were killed between their push and this line, too.
            await ImageStore.RemoveTagsAsync(change, subject.Repository, BuildQueue.PushedTags(lease.BuildId));
            return true;
        }, cancellation);
        if (kept)
            LogReady(logger, subject.Repository, subject.Version.Number);
        else
            LogLost(logger, lease.BuildId);
    }

    /// <summary>Stores how the build ended. Without disk or database that waits until they are back: the process knows the true reason, a sweeper would not.</summary>
    private async Task EndAsync(BuildLease lease, BuildLog log, BuildEnding ending, Exception fault, CancellationToken stopping)
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
                return;
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

    private async Task BeatAsync(BuildLease lease, BuildLog log, BuildLimits limits)
    {
        using var timer = new PeriodicTimer(BeatInterval, clock);
        var failing = false;
        try
        {
            while (await timer.WaitForNextTickAsync(limits.Stopped))
            {
                try
                {
                    await BeatOnceAsync(lease, log, limits);
                    failing = false;
                }
                catch (Exception fault) when (!limits.Stopped.IsCancellationRequested)
                {
                    // A database that is away for a moment must not cost a healthy build; one that stays away lets the lease run out.
                    if (!failing)
                        LogNoBeat(logger, lease.BuildId, fault);
                    failing = true;
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
            using var limit = new CancellationTokenSource(RemovalLimit, clock);
            await engine.RemoveAsync(job, limit.Token);
        }
        catch (Exception fault)
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Build {Build} made no image: {Reason}")]
    private static partial void LogEnded(ILogger logger, long build, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Build {Build} met a fault that is not its own.")]
    private static partial void LogUnexpected(ILogger logger, long build, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The end of build {Build} cannot be stored yet; trying until it can.")]
    private static partial void LogNoEnd(ILogger logger, long build, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Build {Build} was taken over by another builder; its result here is dropped.")]
    private static partial void LogLost(ILogger logger, long build);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Build {Build} could not show that it lives; trying again.")]
    private static partial void LogNoBeat(ILogger logger, long build, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The engine keeps {Reference}: {Reason}")]
    private static partial void LogNotRemoved(ILogger logger, string reference, string reason);
}
