using System.Collections.Frozen;
using System.Collections.Immutable;
using Semver;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>A channel's target and how often it has moved.</summary>
public sealed record ChannelEntry(string Name, SemVersion Version, long Revision);

/// <summary>A component with all its versions as readers see it; immutable.</summary>
public sealed class ComponentEntry
{
    /// <summary>The channel that the registry moves by itself until a publisher sets it.</summary>
    public const string Latest = "latest";

    public required long Id { get; init; }

    /// <summary><c>namespace/name</c>.</summary>
    public required string Subject { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Kind { get; init; }

    public required string DisplayName { get; init; }

    public required string Description { get; init; }

    public string? Category { get; init; }

    public string? Group { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required long CreatedAt { get; init; }

    public required long UpdatedAt { get; init; }

    /// <summary>Holds until this component changes.</summary>
    public Freshness Freshness { get; } = new();

    /// <summary>Highest precedence first.</summary>
    public ImmutableArray<VersionEntry> Versions { get; private set; } = [];

    /// <summary>Channels by name, <c>latest</c> included when it means something.</summary>
    public FrozenDictionary<string, ChannelEntry> Channels { get; private set; } = FrozenDictionary<string, ChannelEntry>.Empty;

    /// <summary>What lists show: the channel <c>latest</c>, else the newest version of any state.</summary>
    public VersionEntry? Shown =>
        Channels.TryGetValue(Latest, out var latest) ? Find(latest.Version) : Versions.FirstOrDefault(version => !version.Yanked) ?? Versions.FirstOrDefault();

    public VersionEntry? Find(SemVersion number) => Versions.FirstOrDefault(version => version.Number.Equals(number));

    /// <summary>The highest listed version in a range.</summary>
    public VersionEntry? Find(SemVersionRange range) => Versions.FirstOrDefault(version => version.IsListed && range.Contains(version.Number));

    /// <summary>The version whose rendition has these bytes; the earliest when several do.</summary>
    public (VersionEntry Version, RenditionEntry Rendition)? FindDigest(string digest)
    {
        if (!Sha256.TryParse(digest, out var wanted))
            return null;
        for (var index = Versions.Length - 1; index >= 0; index--)
        {
            if (Versions[index].Renditions.WithDigest(wanted) is { } rendition)
                return (Versions[index], rendition);
        }
        return null;
    }

    /// <summary>Completes an entry that no reader has seen yet. A channel whose version is not among them is left out.</summary>
    internal void Take(ImmutableArray<VersionEntry> versions, IEnumerable<(string Name, long Version, long Revision)> channels)
    {
        Versions = versions;
        var byName = new Dictionary<string, ChannelEntry>(StringComparer.Ordinal);
        foreach (var (name, id, revision) in channels)
        {
            if (versions.FirstOrDefault(version => version.Id == id) is { } target)
                byName[name] = new ChannelEntry(name, target.Number, revision);
        }
        if (!byName.ContainsKey(Latest) && versions.FirstOrDefault(version => version.IsListed && !version.Number.IsPrerelease) is { } highest)
            byName[Latest] = new ChannelEntry(Latest, highest.Number, 0);
        Channels = byName.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
