using System.Text;
using Claimed.Components.Renditions;
using Claimed.Database.Builds;
using Claimed.Registry.Channels;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds;

/// <summary>The last step of a build: the version of an image that lies in its repository becomes ready, in one transaction, if the lease still holds.</summary>
public sealed class BuildFinish(RegistryDatabase database, ImageStore images, PushTarget target, ReadyVersions ready, TimeProvider clock)
{
    private static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StorePatience = TimeSpan.FromMinutes(1);

    /// <summary>The image is made and pushed: a moment without disk or database must not have it made again.</summary>
    /// <returns>False when another builder has the build by now.</returns>
    public async Task<bool> RunAsync(BuildLease lease, BuildSubject subject, MadeImage made, BuildLog log, BuildLimits limits)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await StoreAsync(lease, subject, made, log, limits.Token);
            }
            catch (Exception fault) when ((fault is BlobLostException || StorageFaults.MayPass(fault)) && clock.GetElapsedTime(began) < StorePatience)
            {
                limits.Active();
                await Task.Delay(StoreInterval, clock, limits.Token);
            }
        }
    }

    private async Task<bool> StoreAsync(BuildLease lease, BuildSubject subject, MadeImage made, BuildLog log, CancellationToken cancellation)
    {
        var version = subject.Version;
        var digest = await target.DigestAsync(subject.Repository, made.Job.Reference, made.Pushed, cancellation);
        var image = target.Pinned(subject.Repository, digest);
        var originals = ReadyVersions.FilesOf(subject.Definition, made.Files);
        originals[RenditionForm.Dockerfile] = Encoding.UTF8.GetBytes(made.Context.Dockerfile);
        var forms = await ready.PrepareAsync(
            ready.SourceOf(subject.Space, subject.Name, version.Number, subject.Definition, image, version.BundleDigest), originals, cancellation);
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
}
