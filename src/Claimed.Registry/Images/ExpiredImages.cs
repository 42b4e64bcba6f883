using Claimed.Database.Catalog;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Images;

/// <summary>Which images belong to a pre-release whose time is over, while its rows are still there.</summary>
public sealed class ExpiredImages(SnapshotFeed feed, TimeProvider clock)
{
    /// <summary>
    /// Whether the tag is to be answered as gone. Components without such versions cost one look. A digest is left to the removal: somebody
    /// may have given the image a tag of their own.
    /// </summary>
    public bool Hides(string repository, string reference)
    {
        if (feed.Current.Components.GetValueOrDefault(repository) is not { NextExpiry: { } next } component || next > clock.GetUtcNow().ToUnixTimeMilliseconds())
            return false;
        var versions = component.Versions.Where(version => version.State != VersionState.Purged && version.HasExpired(clock));
        var target = component.Channel(reference)?.Version;
        return versions.Any(version => version.Number.ToString() == reference || version.Number.Equals(target));
    }
}
