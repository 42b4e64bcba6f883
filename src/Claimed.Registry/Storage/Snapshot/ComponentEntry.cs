using System.Collections.Frozen;
using System.Collections.Immutable;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
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

    /// <summary>Highest precedence first.</summary>
    public required ImmutableArray<VersionEntry> Versions { get; init; }

    /// <summary>Channels by name, <c>latest</c> included when it means something.</summary>
    public required FrozenDictionary<string, ChannelEntry> Channels { get; init; }

    public string Subject => $"{Namespace}/{Name}";

    /// <summary>What lists show: the channel <c>latest</c>, else the newest version of any state.</summary>
    public VersionEntry? Shown =>
        Channels.TryGetValue(Latest, out var latest) ? Find(latest.Version) : Versions.FirstOrDefault(version => !version.Yanked) ?? Versions.FirstOrDefault();

    public VersionEntry? Find(SemVersion number) => Versions.FirstOrDefault(version => version.Number.Equals(number));

    /// <summary>The highest listed version in a range.</summary>
    public VersionEntry? Find(SemVersionRange range) => Versions.FirstOrDefault(version => version.IsListed && range.Contains(version.Number));

    /// <summary>The version whose rendition has these bytes; the earliest when several do.</summary>
    public (VersionEntry Version, RenditionEntry Rendition)? FindDigest(string digest)
    {
        for (var index = Versions.Length - 1; index >= 0; index--)
        {
            if (Versions[index].ByDigest.TryGetValue(digest, out var rendition))
                return (Versions[index], rendition);
        }
        return null;
    }

    public static ComponentEntry From(Component row)
    {
        var versions = row.Versions.Select(VersionEntry.From)
            .OrderByDescending(version => version.Number, SemVersion.PrecedenceComparer).ToImmutableArray();
        var byId = versions.ToDictionary(version => version.Id);
        var channels = row.Channels.ToDictionary(
            channel => channel.Name, channel => new ChannelEntry(channel.Name, byId[channel.VersionId].Number, channel.Revision), StringComparer.Ordinal);
        if (!channels.ContainsKey(Latest) && versions.FirstOrDefault(version => version.IsListed && !version.Number.IsPrerelease) is { } highest)
            channels[Latest] = new ChannelEntry(Latest, highest.Number, 0);
        return new ComponentEntry
        {
            Id = row.Id,
            Namespace = row.Namespace!.Name,
            Name = row.Name,
            Kind = row.Kind,
            DisplayName = row.DisplayName,
            Description = row.Description,
            Category = row.Category,
            Group = row.GroupName,
            Tags = Json.Read<string[]>(row.Tags),
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
            Versions = versions,
            Channels = channels.ToFrozenDictionary(StringComparer.Ordinal),
        };
    }
}
