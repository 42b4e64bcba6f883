using System.Collections.Immutable;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>Everything that readers ask for, as of one event serial; immutable and swapped whole.</summary>
/// <param name="Serial">The last event that is in here.</param>
/// <param name="Components">By <c>namespace/name</c>, in ordinal order.</param>
/// <param name="Namespaces">Names of all namespaces.</param>
public sealed record CatalogSnapshot(
    long Serial, ImmutableSortedDictionary<string, ComponentEntry> Components, ImmutableSortedSet<string> Namespaces)
{
    public static readonly CatalogSnapshot Empty = new(0,
        ImmutableSortedDictionary.Create<string, ComponentEntry>(StringComparer.Ordinal),
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal));

    /// <summary>Holds until any component changes.</summary>
    public Freshness Freshness { get; } = new();

    public ComponentEntry? Find(string space, string name) => Components.GetValueOrDefault($"{space}/{name}");

    public IEnumerable<ComponentEntry> InNamespace(string space) => Components.Values.Where(component => component.Namespace == space);

    /// <summary>Everything that has this digest. All packed bytes are looked through: that takes some milliseconds, and an index would outweigh the catalog.</summary>
    public IReadOnlyList<DigestUse> FindDigest(Sha256 digest) =>
        [.. Components.Values.Where(component => component.MayHave(digest)).SelectMany(component => component.Versions.SelectMany(version => DigestUse.In(component, version, digest)))];
}
