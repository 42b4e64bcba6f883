namespace Claimed.Database.Builds;

/// <summary>A process that builds, and the engine it builds with. It writes its row while it lives; the row of one that has gone is removed by others.</summary>
public sealed class BuilderNode
{
    /// <summary>Machine and process, as <see cref="Build.Holder"/>.</summary>
    public required string Name { get; set; }

    /// <summary>Kind, version and platform of the engine; null until it has answered once.</summary>
    public string? Engine { get; set; }

    /// <summary>JSON array of the platforms that the engine makes images for, its own first.</summary>
    public string Platforms { get; set; } = "[]";

    /// <summary>Why it takes no builds; null while it does.</summary>
    public string? Fault { get; set; }

    /// <summary>Raised with every sign of life.</summary>
    public long Beat { get; set; }

    public long StartedAt { get; set; }

    public long SeenAt { get; set; }

    /// <summary>Builds that it has under way.</summary>
    public int Running { get; set; }

    /// <summary>Builds that it takes at the same time.</summary>
    public int Concurrency { get; set; }
}
