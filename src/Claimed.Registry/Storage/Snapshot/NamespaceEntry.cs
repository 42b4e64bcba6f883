using System.Collections.Frozen;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>A namespace as readers and rights see it; immutable.</summary>
/// <param name="IsPrivate">Only members see it.</param>
/// <param name="OnlyTrusted">Versions come under trust rules alone.</param>
/// <param name="CreatedAt">Unix milliseconds; what is older was another's of the same name.</param>
/// <param name="Members">Role by kind (<c>user</c>, <c>group</c>) and name.</param>
public sealed record NamespaceEntry(string Name, bool IsPrivate, bool OnlyTrusted, long CreatedAt, FrozenDictionary<(string Kind, string Name), string> Members)
{
    /// <summary>Most bytes of its images; null for no bound.</summary>
    public long? QuotaBytes { get; init; }

    /// <summary>Most repositories of images; null for no bound.</summary>
    public long? QuotaRepositories { get; init; }

    /// <summary>Patterns of tags that are neither moved nor deleted.</summary>
    public IReadOnlyList<string> ImmutableTags { get; init; } = [];

    /// <summary>Which tags stay.</summary>
    public IReadOnlyList<RetentionRule> Retention { get; init; } = [];

    /// <summary>Limits of its builds that differ from the settings, as JSON; null for none.</summary>
    public string? BuildLimits { get; init; }

    /// <summary>Stands for one that is not there.</summary>
    public static readonly NamespaceEntry Absent = new("", true, false, 0, FrozenDictionary<(string Kind, string Name), string>.Empty);

    /// <summary>The word of the role; null for no member.</summary>
    public string? RoleOf(string kind, string name) => Members.GetValueOrDefault((kind, name));
}
