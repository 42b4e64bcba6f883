using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Images;

/// <summary>Which tags a caller may set and remove. In a component's repository, versions and channels are the registry's own.</summary>
public sealed class ImageRights(SnapshotFeed feed)
{
    /// <summary>The only tags that a build's ticket may push begin so.</summary>
    public const string BuildTags = "build-";

    /// <summary>Why this caller may not set or remove the tag, or null.</summary>
    public OciError? RefusalOf(Caller caller, string repository, string tag)
    {
        if (caller.PushRepository is not null && !tag.StartsWith(BuildTags, StringComparison.Ordinal))
            return OciError.Denied(403, $"The ticket of a build pushes tags that begin with {BuildTags}, not {tag}.");
        if (!feed.Current.Components.TryGetValue(repository, out var component))
            return null;
        var isOwn = tag == ComponentEntry.Latest || SemanticVersion.TryParse(tag, out _) || component.Channel(tag) is not null;
        return isOwn
            ? OciError.Denied(409, $"{repository} is a component: the registry alone sets its tag {tag}, when a version is published or a channel moves. Publish a version, or use another tag.")
            : null;
    }
}
