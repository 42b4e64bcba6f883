namespace Claimed.Registry.Storage;

/// <summary>Settings <c>Storage__…</c>: when what nobody needs is removed.</summary>
public sealed record CollectionOptions
{
    /// <summary>How often a serving process collects by itself; zero: never.</summary>
    public TimeSpan CollectEvery { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What was touched in this time is never collected: longer than a push from its first layer to its manifest.</summary>
    public TimeSpan CollectGrace { get; init; } = TimeSpan.FromDays(1);
}
