namespace Claimed.Registry.Storage;

/// <summary>Settings <c>Storage__…</c>: when what nobody needs is removed.</summary>
public sealed record CollectionOptions
{
    /// <summary>The shortest grace, for settings and the word <c>gc</c>: well above the time from a blob's last touch to the commit of the row that names it.</summary>
    public static readonly TimeSpan LeastGrace = TimeSpan.FromMinutes(1);

    /// <summary>How often a serving process collects by itself; zero: never.</summary>
    public TimeSpan CollectEvery { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What was touched in this time is never collected: longer than a push from its first layer to its manifest.</summary>
    public TimeSpan CollectGrace { get; init; } = TimeSpan.FromDays(1);
}
