namespace Claimed.Registry.Http;

/// <summary>What this node knows about itself that readers should see.</summary>
public sealed class Notices
{
    private volatile string? _buildsWait;

    private volatile string? _busAway;

    /// <summary>Why queued builds wait; null when a builder would take them, or this node cannot know.</summary>
    public string? BuildsWait
    {
        get => _buildsWait;
        set => _buildsWait = value;
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
