using Claimed.Database.Catalog;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Builds;

/// <summary>Keeps image tags in step with channels: what a channel means and what its tag means are one thing.</summary>
public static class ChannelTags
{
    /// <summary>After a version became ready: moves the channel its publisher asked for, and the tags of channels that mean it, <c>latest</c> included.</summary>
    /// <param name="ownDigest">The image in our store; null when the version runs an image of elsewhere, whose channels then have no tag here.</param>
    public static async Task FollowAsync(Change change, ImageStore images, ComponentVersion version, string repository, string? ownDigest)
    {
        await MoveRequestedAsync(change, version);
        await change.Db.SaveChangesAsync(change.Cancellation);
        var channels = await change.Db.Channels.Where(channel => channel.ComponentId == version.ComponentId).ToListAsync(change.Cancellation);
        var names = channels.Where(channel => channel.VersionId == version.Id).Select(channel => channel.Name).ToList();
        if (!channels.Exists(channel => channel.Name == ComponentEntry.Latest) && await IsHighestStableAsync(change, version))
            names.Add(ComponentEntry.Latest);
        if (ownDigest is not null)
            names.Add(version.Number);
        foreach (var name in names)
        {
            if (ownDigest is not null)
                await images.SetTagAsync(change, repository, name, ownDigest);
            else
                await images.RemoveTagAsync(change, repository, name);
        }
    }

    private static async Task<bool> IsHighestStableAsync(Change change, ComponentVersion version)
    {
        var mine = SemVersion.Parse(version.Number, SemVersionStyles.Strict);
        var others = await change.Db.Versions
            .Where(row => row.ComponentId == version.ComponentId && row.Id != version.Id && row.State == VersionState.Ready && !row.Yanked)
            .Select(row => row.Number).ToListAsync(change.Cancellation);
        return !mine.IsPrerelease && others.Select(number => SemVersion.Parse(number, SemVersionStyles.Strict))
            .Where(other => !other.IsPrerelease).All(other => other.ComparePrecedenceTo(mine) < 0);
    }

    private static async Task MoveRequestedAsync(Change change, ComponentVersion version)
    {
        if (version.RequestedChannel is not { } name)
            return;
        var channel = await change.Db.Channels.FindAsync([version.ComponentId, name], change.Cancellation);
        if (channel is null)
            change.Db.Channels.Add(channel = new Channel { ComponentId = version.ComponentId, Name = name });
        channel.VersionId = version.Id;
        channel.Revision++;
        channel.UpdatedAt = change.Now;
    }
}
