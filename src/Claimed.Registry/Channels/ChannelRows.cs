using Claimed.Database.Catalog;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Channels;

/// <summary>Moves of publisher-set channels inside a transaction that holds the component's row.</summary>
public static class ChannelRows
{
    private const char Between = ',';

    /// <summary>Points the channel at the version; nothing happens when it already does.</summary>
    /// <exception cref="Http.RefusedException">The version is not ready, or is yanked.</exception>
    public static async Task<Channel> MoveAsync(Change change, string subject, string name, ComponentVersion version)
    {
        if (version.State != VersionState.Ready)
            throw new Http.RefusedException(Http.Missing.NotReady(subject, version.Number, version.State));
        var channel = await FindAsync(change, version.ComponentId, name);
        if (channel?.VersionId == version.Id)
            return channel;
        DemandStays(subject, name, version);
        if (version.Yanked)
            throw new Http.RefusedException(new Http.Refusal(409, "version-yanked", "The version is yanked.",
                $"{subject} {version.Number} was withdrawn from lists and ranges; a channel would bring it back. Undo that first: PATCH it with {{\"yanked\": false}}."));
        return Point(change, subject, name, version, channel);
    }

    /// <summary>The same without asking whether it may mean the version: another registry says that it does.</summary>
    /// <param name="channel">What there is of it, tracked; null for a new one.</param>
    public static Channel Point(Change change, string subject, string name, ComponentVersion version, Channel? channel)
    {
        var previous = channel?.Version?.Number;
        if (channel is null)
            change.Db.Channels.Add(channel = new Channel { ComponentId = version.ComponentId, Name = name });
        channel.Version = version;
        channel.Revision++;
        channel.UpdatedAt = change.Now;
        change.Tell("channel.moved", subject, new { channel = name, version = version.Number, previous });
        return channel;
    }

    /// <exception cref="Http.RefusedException">The channel is <c>latest</c>, and the version goes by itself.</exception>
    public static void DemandStays(string subject, string name, ComponentVersion version)
    {
        if (name == Storage.Snapshot.ComponentEntry.Latest && version.ExpiresAt is not null)
            throw new Http.RefusedException(new Http.Refusal(409, "version-expires", "The version will expire.",
                $"{subject} {version.Number} goes by itself; latest is for versions that stay. Use another channel, or publish the files as a version without \"expires\"."));
    }

    /// <summary>The channels that a version's publisher asked for, as they are kept in one text.</summary>
    public static IReadOnlyList<string> ReadList(string? list) => list?.Split(Between) ?? [];

    /// <summary>One way to write a comma list of channels; null when it names none.</summary>
    public static string? WriteList(string list) =>
        list.Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } names
            ? string.Join(Between, names) : null;

    public static Task<Channel?> FindAsync(Change change, long component, string name) => change.Db.Channels.Include(row => row.Version)
        .SingleOrDefaultAsync(row => row.ComponentId == component && row.Name == name, change.Cancellation);
}
