using Claimed.Database.Builds;

namespace Claimed.Registry.Http;

/// <summary>What this node knows about itself that readers should see.</summary>
public sealed class Notices
{
    private volatile string? _buildsWait;

    private volatile string? _busAway;

    private volatile IReadOnlyList<BuilderNode> _builders = [];

    /// <summary>Why queued builds wait; null when a builder would take them, or this node cannot know.</summary>
    public string? BuildsWait
    {
        get => _buildsWait;
        set => _buildsWait = value;
    }

    /// <summary>The builders that are alive, as this node last saw them.</summary>
    public IReadOnlyList<BuilderNode> Builders
    {
        get => _builders;
        set => _builders = value;
    }

    /// <summary>Why a queued build for this platform waits; null when one of the builders would take it, or this node cannot know.</summary>
    public string? WaitOf(string? platform)
    {
        if (BuildsWait is not null || platform is null)
            return BuildsWait;
        var able = Builders.Where(node => node.Fault is null).SelectMany(node => Json.Read<string[]>(node.Platforms)).Distinct(StringComparer.Ordinal).ToList();
        return able.Count == 0 || able.Contains(platform, StringComparer.Ordinal)
            ? null
            : $"No builder makes images for {platform}; those that run make {string.Join(", ", able)}.";
    }

    /// <summary>Why the message bus carries nothing; null while it does.</summary>
    public string? BusAway
    {
        get => _busAway;
        set => _busAway = value;
    }

    /// <summary>Everything that does not work though the service is up, as <c>part: reason</c>.</summary>
    public IReadOnlyList<string> Degraded =>
    [
        .. BuildsWait is { } builds ? [$"builds: {builds}"] : Array.Empty<string>(),
        .. BusAway is { } bus ? [$"bus: {bus}"] : Array.Empty<string>(),
    ];
}
