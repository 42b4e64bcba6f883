using Claimed.Database.Catalog;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Images;

/// <summary>Which images belong to a pre-release whose time is over, while its rows are still there.</summary>
public sealed class ExpiredImages(SnapshotFeed feed, TimeProvider clock)
{
    /// <summary>Whether the tag or digest is to be answered as gone. Components without such versions cost one look.</summary>
    public bool Hides(string repository, string reference)
    {
        if (feed.Current.Components.GetValueOrDefault(repository) is not { NextExpiry: { } next } component || next > clock.GetUtcNow().ToUnixTimeMilliseconds())
            return false;
        var there = component.Versions.Where(version => version.State != VersionState.Purged).ToLookup(version => version.HasExpired(clock));
        var target = component.Channel(reference)?.Version;
        return there[true].Any(version => version.Number.ToString() == reference || version.Number.Equals(target)
            || (version.ImageDigest == reference && !there[false].Any(other => other.ImageDigest == reference)));
    }
}
