using System.Text;
using Claimed.Components.Renditions;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Builds.Logs;
using Claimed.Registry.Channels;
using Claimed.Registry.Evidence;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds;

/// <summary>The last step of a build: the version of an image that lies in its repository becomes ready, in one transaction, if the lease still holds.</summary>
public sealed class BuildFinish(
    RegistryDatabase database, ImageStore images, ImageIndexes indexes, PushTarget target, ReadyVersions ready, ImageEvidence evidence, TimeProvider clock)
{
    private static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StorePatience = TimeSpan.FromMinutes(1);
    private const string Late = "The version has failed by the image for another platform, or is being built again.";

    /// <summary>The image is made and pushed: a moment without disk or database must not have it made again.</summary>
    /// <returns>False when another builder has the build by now.</returns>
    public async Task<bool> RunAsync(BuildLease lease, BuildSubject subject, MadeImage made, BuildLog log, BuildLimits limits)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await StoreAsync(lease, subject, made, log, limits);
            }
            catch (Exception fault) when ((fault is BlobLostException || StorageFaults.MayPass(fault)) && clock.GetElapsedTime(began) < StorePatience)
            {
                limits.Active();
                await Task.Delay(StoreInterval, clock, limits.Token);
            }
        }
    }

    private async Task<bool> StoreAsync(BuildLease lease, BuildSubject subject, MadeImage made, BuildLog log, BuildLimits limits)
    {
        var cancellation = limits.Token;
        var digest = await target.DigestAsync(subject.Repository, made.Job.PushedAs ?? made.Job.Reference, made.Pushed, cancellation);
        while (true)
        {
            var others = await OthersAsync(lease, cancellation);
            if (await LostAsync(subject.Repository, others, cancellation) is { Count: > 0 } lost)
            {
                if (!await MakeAgainAsync(lease, subject, lost, log, cancellation))
                    return false;
                continue;
            }
            var stored = others.Exists(other => other.State != BuildState.Succeeded)
                ? await StorePartAsync(lease, subject, made, digest, log, cancellation)
                : await StoreWholeAsync(lease, subject, made, digest, others, log, limits);
            // Null: another platform ended meanwhile, so that this one is the last after all.
            if (stored is { } mine)
                return mine;
        }
    }

    /// <summary>Images for other platforms that somebody has removed from the repository meanwhile.</summary>
    private async Task<List<OtherBuild>> LostAsync(string repository, IReadOnlyList<OtherBuild> others, CancellationToken cancellation)
    {
        var lost = new List<OtherBuild>();
        foreach (var other in others.Where(other => other.State == BuildState.Succeeded))
        {
            if (await images.FindManifestAsync(repository, other.ImageDigest!, cancellation) is null)
                lost.Add(other);
        }
        return lost;
    }

    /// <summary>Puts the builds of lost images back into the queue; false when another builder has this build by now.</summary>
    private async Task<bool> MakeAgainAsync(BuildLease lease, BuildSubject subject, IReadOnlyList<OtherBuild> lost, BuildLog log, CancellationToken cancellation)
    {
        const string reason = "Its image was removed before those for all platforms were made.";
        foreach (var other in lost)
            log.Write($"The image for {other.Platform} is not in the store any more; it is built again.\n");
        return await database.ChangeAsync(async change =>
        {
            await change.LockComponentAsync(subject.Version.ComponentId);
            if (!await BuildQueue.HoldAsync(change, lease))
                return false;
            foreach (var other in lost)
                await BuildQueue.MakeAgainAsync(change, subject.Repository, subject.Version.Number, other.Id, reason);
            return true;
        }, cancellation);
    }

    /// <summary>The image is one of several, and others are not made yet: the version waits for them.</summary>
    private async Task<bool?> StorePartAsync(BuildLease lease, BuildSubject subject, MadeImage made, string digest, BuildLog log, CancellationToken cancellation)
    {
        log.Write($"The image for {lease.Platform} is made: {digest}. Those for other platforms are still being made.\n");
        var stored = await log.StoreAsync(cancellation);
        return await database.ChangeAsync(async change =>
        {
            await change.LockComponentAsync(subject.Version.ComponentId);
            if (await BuildQueue.HeldAsync(change, lease) is not { } build)
                return false;
            if (!await BuildQueue.DecidesAsync(change, build))
            {
                await BuildQueue.EndAsync(change, build, BuildState.Cancelled, Late, stored);
                return false;
            }
            if (!await BuildQueue.Siblings(change, build).AnyAsync(other => other.State != BuildState.Succeeded, change.Cancellation))
            {
                change.Abandon();
                return (bool?)null;
            }
            await EndAsync(change, build, made, digest, stored);
            // Nobody works on the version until a builder takes the next platform.
            if (!await BuildQueue.Siblings(change, build).AnyAsync(other => other.State == BuildState.Building, change.Cancellation))
                build.Version!.State = VersionState.Queued;
            change.Tell("build.succeeded", subject.Repository, new { version = subject.Version.Number, build = build.Id, platform = build.Platform });
            return true;
        }, cancellation);
    }

    private async Task<bool?> StoreWholeAsync(
        BuildLease lease, BuildSubject subject, MadeImage made, string own, IReadOnlyList<OtherBuild> others, BuildLog log, BuildLimits limits)
    {
        var cancellation = limits.Token;
        var version = subject.Version;
        var digest = others.Count == 0 ? own : await indexes.PutAsync(subject.Repository, PushTarget.TagOf(made.Job.Reference),
            [new PlatformImage(lease.Platform!, own), .. others.Select(other => new PlatformImage(other.Platform!, other.ImageDigest!))], cancellation);
        var image = target.Pinned(subject.Repository, digest);
        var originals = ReadyVersions.FilesOf(subject.Definition, made.Files);
        originals[RenditionForm.Dockerfile] = Encoding.UTF8.GetBytes(made.Dockerfile);
        var forms = await ready.PrepareAsync(
            ready.SourceOf(subject.Space, subject.Name, version.Number, subject.Definition, image, version.BundleDigest), originals, cancellation);
        var told = await evidence.PrepareAsync(
            new BuiltVersion(subject.Space, subject.Name, version, subject.Shaping, lease.BuildId, image, digest, target.IsOwn, forms), log.Write, limits.Active, cancellation);
        log.Write($"Ready: {image}\n");
        var stored = await log.StoreAsync(cancellation);
        return await database.ChangeAsync<bool?>(async change =>
        {
            // Before the build's row: what the channels mean is decided from all versions of the component.
            await change.LockComponentAsync(version.ComponentId);
            if (await BuildQueue.HeldAsync(change, lease) is not { } build)
                return false;
            if (!await BuildQueue.DecidesAsync(change, build))
            {
                await BuildQueue.EndAsync(change, build, BuildState.Cancelled, Late, stored);
                return false;
            }
            await EndAsync(change, build, made, own, stored);
            ReadyVersions.Apply(change, build.Version!, subject.Repository, image, digest, [.. forms, .. told.Forms]);
            await ChannelTags.FollowAsync(change, images, build.Version!, subject.Repository, target.IsOwn ? digest : null);
            await AttachedManifests.AddAsync(change, subject.Repository, digest, told.Manifests);
            // Those of attempts that were killed between their push and this line, too.
            foreach (var id in others.Select(other => other.Id).Prepend(lease.BuildId))
                await ImageStore.RemoveTagsAsync(change, subject.Repository, BuildQueue.PushedTags(id), kept: digest);
            return true;
        }, cancellation);
    }

    private static async Task EndAsync(Change change, Build build, MadeImage made, string digest, StoredLog log)
    {
        build.ImageBytes = made.Bytes;
        build.State = BuildState.Succeeded;
        build.EndedAt = change.Now;
        build.Holder = null;
        build.ImageDigest = digest;
        await log.UseAsync(change, build);
    }

    private sealed record OtherBuild(long Id, string State, string? Platform, string? ImageDigest);

    /// <summary>The builds of the version's other platforms.</summary>
    private Task<List<OtherBuild>> OthersAsync(BuildLease lease, CancellationToken cancellation) => database.ReadAsync(db => db.Builds
        .Where(other => other.VersionId == lease.VersionId && other.Id != lease.BuildId && db.Builds.Any(own => own.Id == lease.BuildId && own.Round == other.Round))
        .Select(other => new OtherBuild(other.Id, other.State, other.Platform, other.ImageDigest)).ToListAsync(cancellation), cancellation);
}
