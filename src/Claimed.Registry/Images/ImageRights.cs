using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Images;

/// <summary>Who may pull and push which repository, and set and remove which tags. In a component's repository, versions and channels are the registry's own.</summary>
public sealed class ImageRights(SnapshotFeed feed, Rights rights)
{
    /// <summary>The only tags that a build's ticket may push begin so.</summary>
    public const string BuildTags = "build-";

    public bool MayPull(Caller caller, string repository)
    {
        var (space, name) = Parts(repository);
        return caller.PushRepository == repository || IsOpen(repository) || rights.May(caller, Deed.Read, space, name);
    }

    public bool MayPush(Caller caller, string repository)
    {
        var (space, name) = Parts(repository);
        return caller.PushRepository == repository || rights.May(caller, Deed.Push, space, name);
    }

    // An image that an administrator pushed needs no namespace of the catalog, and without one nothing says that it is private.
    private bool IsOpen(string repository) => !feed.Current.Namespaces.ContainsKey(Parts(repository).Space);

    private static (string Space, string? Name) Parts(string repository) =>
        repository.Split('/', 2) is [var space, var name] ? (space, name) : (repository, null);

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
