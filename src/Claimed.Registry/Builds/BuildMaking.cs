using System.Text;
using Claimed.Components.Sources;
using Claimed.Registry.Builds.Bases;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Builds.Logs;
using Claimed.Registry.Builds.Sites;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>An image that lies in its repository and that nothing names yet.</summary>
/// <param name="Files">What was published.</param>
/// <param name="Pushed">Digest of its manifest as the engine says, if it does.</param>
public sealed record MadeImage(BuildJob Job, BuildContext Context, IReadOnlyList<SourceFile> Files, string? Pushed)
{
    /// <summary>The earlier build that made it; null when this one did.</summary>
    public long? SameAs { get; init; }

    /// <summary>Its size as the engine counts it, unpacked; null when no engine made it.</summary>
    public long? Bytes { get; init; }

    /// <summary>The Dockerfile that was built, with the digests of its images, as it is kept.</summary>
    public required string Dockerfile { get; init; }
}

/// <summary>The steps from the published files to an image in its repository.</summary>
public sealed partial class BuildMaking(
    RegistryDatabase database, IBlobStore blobs, IImageBuilder engine, ImageDelivery delivery, StepMark mark, PushTarget target, BasePinning pinning, BuildOrigin origin, KnownImages known, SiteGateway gateway,
    BuiltDockerfile dockerfile, IOptions<BuildOptions> options, IOptions<SiteOptions> site, IOptions<RegistryOptions> registry,
    TimeProvider clock, ILogger<BuildMaking> logger)
{
    private static readonly TimeSpan RemovalLimit = TimeSpan.FromSeconds(30);

    public Task<BuildSubject> LoadAsync(BuildLease lease, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        var version = await db.Versions.Include(row => row.Component!.Namespace).SingleAsync(row => row.Id == lease.VersionId, cancellation);
        return new BuildSubject(version.Component!.Namespace!.Name, version.Component.Name, version,
            DefinitionJson.Read(version.Definition), Json.Read<Dictionary<string, string>>(version.Options));
    }, cancellation);

    /// <summary>Makes the image and has <paramref name="finish"/> take it, while the engine still holds it.</summary>
    /// <returns>What <paramref name="finish"/> said.</returns>
    public async Task<bool> MakeAsync(BuildLease lease, BuildSubject subject, BuildLog log, Func<MadeImage, Task<bool>> finish, CancellationToken cancellation)
    {
        IReadOnlyList<SourceFile> files = [];
        var context = await RegistryTraces.StepAsync("build.context", async () =>
        {
            files = await PublishedFilesAsync(subject.Version.BundleBlob, cancellation);
            return BuildContext.For(subject.Definition, files, subject.Shaping.GetValueOrDefault("baseImage"), options.Value, subject.Labels);
        });
        log.Write($"Building {subject.Repository} {subject.Version.Number}, attempt {lease.Attempt}\n");
        using var access = await gateway.OpenAsync(cancellation);
        var added = access.Declared.Count + StepMark.Lines;
        var pinned = await RegistryTraces.StepAsync("build.bases", () => BuildFailures.GuardAsync(context, files, added, log,
            () => pinning.PinAsync(context, new BaseWish(subject.Space, lease.Platform ?? options.Value.Platform, subject.Shaping.ContainsKey("rebuilds"), lease.Limits.Timeout), access.Declared, access.Undeclared, log.Write, cancellation)));
        var job = new BuildJob(target.ReferenceFor(subject.Repository, ImageRights.TagOf(lease.BuildId, lease.Fence)), lease.Platform,
            pinned.Context.Dependencies)
        {
            PushedAs = target.PushedAs(subject.Repository, subject.Version.Number),
            Arguments = access.Arguments,
            Limits = JobLimits.Of(options.Value, lease.Limits),
            Timeout = lease.Limits.Timeout,
        };
        var kept = await dockerfile.StoreAsync(lease, subject, pinned.Shown, cancellation);
        var recipe = RecipeOf(pinned, lease.Platform);
        var same = recipe is null ? null : await TakeAsync(recipe, subject, job, cancellation);
        await origin.StoreAsync(lease, pinned.Bases, recipe, same?.Build, cancellation);
        if (same is not null)
        {
            log.Write("An earlier build made this image of the same things: nothing is built.\n");
            return await RegistryTraces.StepAsync("build.finish", () => finish(new MadeImage(job, context, files, same.Digest) { SameAs = same.Build, Dockerfile = kept }));
        }
        var sent = mark.Put(pinned.Context, lease.Platform, lease.BuildId);
        job = job with { Dockerfile = Encoding.UTF8.GetString(sent.Files.Single(file => file.Path == BuildContext.DockerfileName).Content.Span) };
        var built = await RegistryTraces.StepAsync("build.engine", () => BuildFailures.GuardAsync(context, files, added, log,
            () => engine.BuildAsync(job, token => sent.OpenAsync(BuildContext.FolderOf(registry.Value), token), log.Write, cancellation)));
        try
        {
            var pushed = await RegistryTraces.StepAsync("build.push", () => delivery.DeliverAsync(job, subject.Repository, log.Write, cancellation));
            return await RegistryTraces.StepAsync("build.finish", () => finish(new MadeImage(job, context, files, pushed) { Dockerfile = kept, Bytes = built.Bytes }));
        }
        finally
        {
            await RemoveQuietlyAsync(job);
        }
    }

    /// <summary>Null where images are not taken from earlier builds: a registry of the site is not ours to look into, and for what begins with nothing only the engine knows the platform.</summary>
    private string? RecipeOf(PinnedContext pinned, string? platform) =>
        target.IsOwn && (platform ?? options.Value.Platform ?? pinned.Bases.FirstOrDefault()?.Platform) is { } shaping ? Recipe.Of(pinned.Context, shaping, [options.Value.NetworkMode, .. site.Value.Shaping]) : null;

    private async Task<KnownImage?> TakeAsync(string recipe, BuildSubject subject, BuildJob job, CancellationToken cancellation)
    {
        try
        {
            return await known.TakeAsync(recipe, subject.Repository, PushTarget.TagOf(job.Reference), cancellation);
        }
        catch (OciRefusedException refused)
        {
            throw new EngineUnavailableException($"The image of an earlier build cannot be taken: {refused.Error.Message}", refused);
        }
    }

    /// <summary>A bundle that is not what was published must not become an image under its name.</summary>
    private async Task<IReadOnlyList<SourceFile>> PublishedFilesAsync(string digest, CancellationToken cancellation)
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The engine keeps {Reference}: {Reason}")]
    private static partial void LogNotRemoved(ILogger logger, string reference, string reason);
}
