using Claimed.Database.Catalog;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Channels;

/// <summary>Keeps image tags in step with channels: what a channel means and what its tag means are one thing.</summary>
public static class ChannelTags
{
    /// <summary>After a version became ready: moves the channels its publisher asked for, and sets the tags that now mean it. The component's row is held.</summary>
    /// <param name="ownDigest">The image that was built into our store; null when the version runs one that existed.</param>
    public static async Task FollowAsync(Change change, ImageStore images, ComponentVersion version, string repository, string? ownDigest)
    {
        foreach (var channel in ChannelRows.ReadList(version.RequestedChannel))
            await ChannelRows.MoveAsync(change, repository, channel, version);
        if (ownDigest is not null)
            await images.SetTagAsync(change, repository, version.Number, ownDigest);
        await SettleAsync(change, images, version.ComponentId, repository);
    }

    /// <summary>
    /// Makes every channel's tag name the image of the version that the channel means, <c>latest</c> included. A version whose image is
    /// elsewhere has no tags here.
    /// </summary>
    public static async Task SettleAsync(Change change, ImageStore images, long component, string repository)
    {
        // A component whose images are all elsewhere has no tags to keep.
        if (await change.LockRepositoryAsync(repository) is null)
            return;
        await change.Db.SaveChangesAsync(change.Cancellation);
        var targets = await change.Db.Channels.Where(row => row.ComponentId == component)
            .Select(row => new { row.Name, row.Version!.ImageDigest }).ToDictionaryAsync(row => row.Name, row => row.ImageDigest, change.Cancellation);
        if (!targets.ContainsKey(ComponentEntry.Latest))
            targets[ComponentEntry.Latest] = (await LatestAsync(change, component))?.ImageDigest;
        foreach (var (name, digest) in targets.OrderBy(target => target.Key, StringComparer.Ordinal))
            await images.KeepTagAsync(change, repository, name, digest);
    }

    /// <summary>What <c>latest</c> means while no publisher holds it: the highest stable version that is ready and not yanked.</summary>
    public static async Task<ComponentVersion?> LatestAsync(Change change, long component)
    {
        var numbers = await change.Db.Versions.Where(row => row.ComponentId == component && row.State == VersionState.Ready && !row.Yanked)
            .Select(row => new { row.Id, row.Number }).ToListAsync(change.Cancellation);
        var highest = numbers.Select(row => (row.Id, Number: SemVersion.Parse(row.Number, SemVersionStyles.Strict)))
            .Where(row => !row.Number.IsPrerelease).OrderByDescending(row => row.Number, SemVersion.PrecedenceComparer).Select(row => row.Id).FirstOrDefault();
        return highest == 0 ? null : await change.Db.Versions.SingleAsync(row => row.Id == highest, change.Cancellation);
    }
}
