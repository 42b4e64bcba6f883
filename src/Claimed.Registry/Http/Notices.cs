namespace Claimed.Registry.Http;

/// <summary>What this node knows about itself that readers should see.</summary>
public sealed class Notices
{
    private volatile string? _buildsWait = "No builder has looked at the queue yet.";

    /// <summary>Why queued builds wait; null when a builder would take them.</summary>
    public string? BuildsWait
    {
        get => _buildsWait;
        set => _buildsWait = value;
    }
}
