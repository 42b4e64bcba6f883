using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;
using Semver;

namespace Claimed.Registry.Channels;

/// <summary>What a request did to a channel.</summary>
/// <param name="Channel">As it now is.</param>
/// <param name="IsNew">Whether nothing had this name before.</param>
public sealed record ChannelMove(ChannelDocument Channel, bool IsNew);

/// <summary>Sets and deletes channels, with their image tags, on the conditions of the request.</summary>
public sealed class ChannelMoves(RegistryDatabase database, ImageStore images, RegistryUrls urls)
{
    /// <exception cref="RefusedException">No such version, it is not ready or yanked, or a condition does not hold.</exception>
    public Task<ChannelMove> SetAsync(string space, string name, string channel, SemVersion number, Conditions conditions, CancellationToken cancellation) =>
        database.ChangeAsync(async change =>
        {
            var subject = $"{space}/{name}";
            var component = await change.LockComponentAsync(space, name) ?? throw new RefusedException(Missing.Component(space, name));
            var text = number.ToString();
            var version = await change.Db.Versions.SingleOrDefaultAsync(row => row.ComponentId == component && row.Number == text, change.Cancellation)
                ?? throw new RefusedException(Missing.Version(subject, text));
            var current = await CurrentAsync(change, component, space, name, channel);
            Check(conditions, current, subject, channel);
            var row = await ChannelRows.MoveAsync(change, subject, channel, version);
            await ChannelTags.SettleAsync(change, images, component, subject);
            return new ChannelMove(Document(space, name, row), current is null);
        }, cancellation);

    /// <summary>Deletes the channel and its tag; <c>latest</c> goes back to the registry.</summary>
    /// <exception cref="RefusedException">There is no such channel, or a condition does not hold.</exception>
    public Task DeleteAsync(string space, string name, string channel, Conditions conditions, CancellationToken cancellation) =>
        database.ChangeAsync(async change =>
        {
            var subject = $"{space}/{name}";
            var component = await change.LockComponentAsync(space, name) ?? throw new RefusedException(Missing.Component(space, name));
            var current = await CurrentAsync(change, component, space, name, channel);
            if (current is null)
                throw new RefusedException(Missing.Channel(subject, channel));
            Check(conditions, current, subject, channel);
            if (await ChannelRows.FindAsync(change, component, channel) is not { } row)
                return;
            change.Db.Channels.Remove(row);
            change.Tell("channel.deleted", subject, new { channel, version = row.Version!.Number });
            await images.KeepTagAsync(change, subject, channel, null);
            await ChannelTags.SettleAsync(change, images, component, subject);
        }, cancellation);

    private static void Check(Conditions conditions, ChannelDocument? current, string subject, string channel)
    {
        var tag = current is null ? null : Served.Json(current).Tag;
        if (conditions.Hold(tag))
            return;
        var now = current is null ? $"{subject} has no channel \"{channel}\"" : $"The channel \"{channel}\" of {subject} means {current.Version}";
        throw new RefusedException(Conditions.Failed($"{now} now; read it again and send its ETag.", tag) with { Current = current?.Version });
    }

    private async Task<ChannelDocument?> CurrentAsync(Change change, long component, string space, string name, string channel)
    {
        if (await ChannelRows.FindAsync(change, component, channel) is { } row)
            return Document(space, name, row);
        return channel == ComponentEntry.Latest && await ChannelTags.LatestAsync(change, component) is { } latest
            ? ChannelDocument.From(space, name, channel, latest.Number, revision: 0, urls)
            : null;
    }

    private ChannelDocument Document(string space, string name, Channel row) =>
        ChannelDocument.From(space, name, row.Name, row.Version!.Number, row.Revision, urls);
}
