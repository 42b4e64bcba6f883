namespace Claimed.Registry.Storage.Snapshot;

/// <summary>Whether a part of the snapshot still is what readers see. Whoever keeps something made from that part asks before using it again.</summary>
public sealed class Freshness
{
    private readonly Freshness? _one;
    private readonly Freshness? _other;
    private volatile bool _isOver;

    public Freshness()
    {
    }

    /// <summary>Of what was made from two parts: it holds as long as both do.</summary>
    public Freshness(Freshness one, Freshness other)
    {
        (_one, _other) = (one, other);
    }

    /// <summary>True once a newer state has taken the place of the part.</summary>
    public bool IsOver => _isOver || _one?.IsOver == true || _other?.IsOver == true;

    internal void End() => _isOver = true;
}
