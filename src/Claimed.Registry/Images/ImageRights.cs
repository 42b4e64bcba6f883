using System.Globalization;
using System.Text.RegularExpressions;
using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Images;

/// <summary>Which tags a caller may set and remove. In a component's repository, versions and channels are the registry's own.</summary>
public sealed partial class ImageRights(SnapshotFeed feed)
{
    /// <summary>Tags of builds under way begin so; each is for the ticket of its build alone.</summary>
    public const string BuildTags = "build-";

    /// <summary>Why this caller may not set or remove the tag, or null.</summary>
    public OciError? RefusalOf(Caller caller, string repository, string tag)
    {
        if (caller.Ticket is { } ticket)
            return ticket.Tag == tag ? null : OciError.Denied(403, $"The ticket of a build pushes its own tag, {ticket.Tag}, and not {tag}.");
        // What a build finds under its tag becomes the image of a version; the component may be newer than what this node has seen.
        if (IsOfBuild(tag) || (tag.StartsWith(BuildTags, StringComparison.Ordinal) && feed.Current.Components.ContainsKey(repository)))
            return ForBuilds(tag);
        return feed.Current.Components.TryGetValue(repository, out var component) && IsOwn(tag, name => component.Channel(name) is not null) ? RegistryAlone(repository, tag) : null;
    }

    /// <summary>Whether the registry alone sets this tag in the repository of a component: versions and channels.</summary>
    internal static bool IsOwn(string tag, Func<string, bool> isChannel) => tag == ComponentEntry.Latest || SemanticVersion.TryParse(tag, out _) || isChannel(tag);

    /// <summary>Whether it is the tag of a build under way.</summary>
    internal static bool IsOfBuild(string tag) => TagOfBuild.IsMatch(tag);

    /// <summary>The build of such a tag, and the fence with which its builder has it; null for another tag.</summary>
    internal static (long Build, long Fence)? BuildOf(string tag) =>
        TagOfBuild.Match(tag) is { Success: true } match
        && long.TryParse(match.Groups["build"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var build)
        && long.TryParse(match.Groups["fence"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var fence)
            ? (build, fence)
            : null;

    /// <summary>The tag under which an engine pushes what it built; a fence is never used twice, an attempt that was handed back is.</summary>
    internal static string TagOf(long build, long fence) => string.Create(CultureInfo.InvariantCulture, $"{BuildTags}{build}-{fence}");

    /// <summary>Why this caller may not push manifests into the repository at all, or null: where versions come from CI jobs alone, images do.</summary>
    public OciError? RefusalOfPush(Caller caller, string repository)
    {
        var space = RepositoryNames.SpaceOf(repository);
        return caller.Ticket is null && caller.TrustRuleId is null && feed.Current.Namespaces.GetValueOrDefault(space) is { OnlyTrusted: true }
            ? OnlyTrusted(space)
            : null;
    }

    internal static OciError ForBuilds(string tag) =>
        OciError.Denied(403, $"The tag {tag} is for a build of this registry. Use one that does not begin with {BuildTags}.");

    internal static OciError RegistryAlone(string repository, string tag) => OciError.Denied(409,
        $"{repository} is a component: the registry alone sets its tag {tag}, when a version is published or a channel moves. Publish a version, or use another tag.");

    internal static OciError OnlyTrusted(string space) => OciError.Denied(403,
        $"{space} takes versions from CI jobs under its trust rules alone, and images from the builds of those. An owner sets \"onlyTrusted\": false with PATCH /api/v1/namespaces/{space} to change that.");

    [GeneratedRegex(@"\Abuild-(?<build>[0-9]+)-(?<fence>[0-9]+)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex TagOfBuild { get; }
}
