namespace Claimed.Registry.Storage.Snapshot;

/// <summary>Whether a part of the snapshot still is what readers see. Whoever keeps something made from that part asks before using it again.</summary>
public sealed class Freshness
{
    private volatile bool _isOver;

    /// <summary>True once a newer state has taken the place of the part.</summary>
    public bool IsOver => _isOver;

    internal void End() => _isOver = true;
}
