using System.Collections.Immutable;
using Claimed.Components;
using Claimed.Database.Catalog;
using Semver;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>A channel's target and how often it has moved.</summary>
public sealed record ChannelEntry(string Name, SemVersion Version, long Revision);

/// <summary>A component with all its versions as readers see it; immutable.</summary>
public sealed class ComponentEntry
{
    /// <summary>The channel that the registry moves by itself until a publisher sets it.</summary>
    public const string Latest = "latest";

    private PackedVersions _packed = PackedVersions.None;
    private int _shown = -1;
    private string[]? _inputTypes;
    private string[]? _outputTypes;

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
    public Freshness Freshness { get; private set; } = new();

    /// <summary>Highest precedence first; made anew at each call: take it once.</summary>
    public ImmutableArray<VersionEntry> Versions => _packed.All();

    /// <summary>In the order of their names, <c>latest</c> included when it means something.</summary>
    public IReadOnlyList<ChannelEntry> Channels { get; private set; } = [];

    /// <summary>What lists show: the channel <c>latest</c>, else the newest version of any state. Made anew at each call.</summary>
    public VersionEntry? Shown => _shown < 0 ? null : _packed.At(_shown);

    /// <summary>When the first of the versions goes by itself that are still there; null when all stay.</summary>
    public long? NextExpiry { get; private set; }

    /// <summary>A component whose versions are all yanked, purged or going by themselves is hidden from lists, and so is one that has none.</summary>
    public bool IsListed { get; private set; }

    /// <summary>Types of the inputs of the shown version; remembered, because filters ask every component.</summary>
    public IReadOnlyList<string> InputTypes => _inputTypes ??= Types(Shown?.Definition.Inputs);

    /// <summary>Types of the outputs; remembered like those of the inputs.</summary>
    public IReadOnlyList<string> OutputTypes => _outputTypes ??= Types(Shown?.Definition.Outputs);

    public VersionEntry? Find(SemVersion number) => At(IndexOf(number));

    /// <summary>A component has a handful of channels: looking through them is quicker than any table.</summary>
    public ChannelEntry? Channel(string name)
    {
        foreach (var channel in Channels)
        {
            if (channel.Name == name)
                return channel;
        }
        return null;
    }

    /// <summary>The highest listed version in a range.</summary>
    public VersionEntry? Find(SemVersionRange range)
    {
        for (var index = 0; index < _packed.Heads.Length; index++)
        {
            if (_packed.Heads[index] is { IsListed: true } head && range.Contains(head.Number))
                return _packed.At(index);
        }
        return null;
    }

    /// <summary>The version whose rendition has these bytes; the earliest when several do.</summary>
    public (VersionEntry Version, RenditionEntry Rendition)? FindDigest(string digest)
    {
        if (!Sha256.TryParse(digest, out var wanted) || !MayHave(wanted))
            return null;
        for (var index = _packed.Heads.Length - 1; index >= 0; index--)
        {
            var version = _packed.At(index);
            if (version.Renditions.WithDigest(wanted) is { } rendition)
                return (version, rendition);
        }
        return null;
    }

    /// <summary>False when certainly nothing of this component has the digest.</summary>
    internal bool MayHave(Sha256 digest) => _packed.MayHave(digest);

    /// <summary>The same for readers, but answers made from this one no longer hold: someone else may see it now.</summary>
    internal ComponentEntry Renewed()
    {
        var copy = (ComponentEntry)MemberwiseClone();
        copy.Freshness = new Freshness();
        return copy;
    }

    /// <summary>Completes an entry that no reader has seen yet. A channel whose version is not among them is left out.</summary>
    internal void Take(List<VersionEntry> versions, PackedVersions.Packer packer, IEnumerable<(long Component, string Name, long Version, long Revision)> channels)
    {
        versions.Sort(static (one, other) => other.Number.ComparePrecedenceTo(one.Number));
        _packed = packer.Pack(versions);
        var named = new List<ChannelEntry>(1);
        foreach (var (_, name, id, revision) in channels)
        {
            if (versions.Find(version => version.Id == id) is { } target)
                named.Add(new ChannelEntry(name, target.Number, revision));
        }
        if (!named.Exists(channel => channel.Name == Latest) && versions.Find(version => version.IsListed && !version.Number.IsPrerelease) is { } highest)
            named.Add(new ChannelEntry(Latest, highest.Number, 0));
        named.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        Channels = named.ToArray();
        _shown = Channel(Latest) is { } latest ? IndexOf(latest.Version) : versions.FindIndex(IsShown);
        if (_shown < 0 && versions.Count > 0)
            _shown = 0;
        IsListed = _shown >= 0 && IsShown(versions[_shown]);
        NextExpiry = versions.Where(version => version.State != VersionState.Purged).Min(version => version.ExpiresAt);
    }

    private static bool IsShown(VersionEntry version) => version is { Yanked: false, State: not VersionState.Purged, ExpiresAt: null };

    private VersionEntry? At(int index) => index < 0 ? null : _packed.At(index);

    private int IndexOf(SemVersion number)
    {
        for (var index = 0; index < _packed.Heads.Length; index++)
        {
            if (_packed.Heads[index].Number.Equals(number))
                return index;
        }
        return -1;
    }

    private static string[] Types(IReadOnlyList<Port>? ports) => ports is null ? [] : [.. ports.Select(port => port.Type).Distinct(StringComparer.Ordinal)];
}
