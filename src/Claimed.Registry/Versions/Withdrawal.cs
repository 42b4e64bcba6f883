using Claimed.Database.Catalog;
using Claimed.Registry.Channels;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Versions;

/// <summary>
/// Withdraws versions, which is what a delete through a KFP client does: they are yanked, and gone for such clients. Whoever pinned one keeps it, its
/// number stays taken, and publishing the same bytes brings it back.
/// </summary>
public sealed class Withdrawal(RegistryDatabase database, ImageStore images)
{
    /// <summary>Withdraws these versions of a component, all or none; what is withdrawn already stays so.</summary>
    /// <exception cref="RefusedException">A channel that a publisher set means one of them.</exception>
    public Task VersionsAsync(string space, string name, IReadOnlyList<string> numbers, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        var subject = $"{space}/{name}";
        var component = await LockAsync(change, space, name);
        var versions = await change.Db.Versions.Where(row => row.ComponentId == component && numbers.Contains(row.Number) && row.State == VersionState.Ready).ToListAsync(change.Cancellation);
        var ids = versions.ConvertAll(row => row.Id);
        var tags = await change.Db.Channels.Where(row => ids.Contains(row.VersionId)).OrderBy(row => row.Name).Select(row => row.Name).ToListAsync(change.Cancellation);
        if (tags.Count > 0)
            throw new RefusedException(new Refusal(409, "version-tagged", "The version is tagged.",
                $"{subject} {string.Join(", ", numbers)} is what {string.Join(", ", tags)} means: move or delete that first (update_tag, delete_tag)."));
        await WithdrawAsync(change, component, subject, versions);
    }, cancellation);

    /// <summary>Withdraws all versions of a component that are ready, and deletes its channels.</summary>
    /// <param name="channels">Why the caller may not delete channels, or null.</param>
    /// <exception cref="RefusedException">A version is being built: it would be there again in a moment.</exception>
    public Task ComponentAsync(string space, string name, Refusal? channels, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        var subject = $"{space}/{name}";
        var component = await LockAsync(change, space, name);
        var versions = await change.Db.Versions.Where(row => row.ComponentId == component).ToListAsync(change.Cancellation);
        if (versions.Find(row => row.State is VersionState.Queued or VersionState.Building) is { } waiting)
            throw new RefusedException(new Refusal(409, "version-not-ended", "A version is being built.",
                $"{subject} {waiting.Number} is {waiting.State}: wait for it, or cancel its build, and delete then.")
            { State = waiting.State });
        foreach (var channel in await change.Db.Channels.Include(row => row.Version).Where(row => row.ComponentId == component).ToListAsync(change.Cancellation))
        {
            if (channels is not null)
                throw new RefusedException(channels);
            change.Db.Channels.Remove(channel);
            change.Tell("channel.deleted", subject, new { channel = channel.Name, version = channel.Version!.Number });
            await images.KeepTagAsync(change, subject, channel.Name, null);
        }
        await WithdrawAsync(change, component, subject, [.. versions.Where(row => row.State == VersionState.Ready)]);
    }, cancellation);

    private static async Task<long> LockAsync(Change change, string space, string name) =>
        await change.LockComponentAsync(space, name) ?? throw new RefusedException(Missing.Component(space, name));

    private async Task WithdrawAsync(Change change, long component, string subject, IReadOnlyList<ComponentVersion> versions)
    {
        foreach (var version in versions.Where(row => !row.Withdrawn))
        {
            version.Withdrawn = true;
            // One that was yanked before keeps the reason that a person gave.
            version.YankReason = version.Yanked ? version.YankReason : ComponentVersion.WithdrawnReason;
            version.Yanked = true;
            change.Tell("version.yanked", subject, new { version = version.Number, reason = version.YankReason });
        }
        await change.Db.Components.Where(row => row.Id == component).ExecuteUpdateAsync(set => set.SetProperty(row => row.UpdatedAt, change.Now), change.Cancellation);
        await change.Db.SaveChangesAsync(change.Cancellation);
        await ChannelTags.SettleAsync(change, images, component, subject);
    }
}
