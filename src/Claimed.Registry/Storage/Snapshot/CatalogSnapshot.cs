using System.Collections.Immutable;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>Everything that readers ask for, as of one event serial; immutable and swapped whole.</summary>
/// <param name="Serial">The last event that is in here.</param>
/// <param name="Components">By <c>namespace/name</c>, in ordinal order.</param>
/// <param name="Namespaces">All namespaces by name; the same object as long as none changes.</param>
public sealed record CatalogSnapshot(
    long Serial, ImmutableSortedDictionary<string, ComponentEntry> Components, ImmutableSortedDictionary<string, NamespaceEntry> Namespaces)
{
    public static readonly CatalogSnapshot Empty = new(0,
        ImmutableSortedDictionary.Create<string, ComponentEntry>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, NamespaceEntry>(StringComparer.Ordinal));

    /// <summary>No event after this one changed a component.</summary>
    public long ChangedAt { get; init; } = Serial;

    /// <summary>Holds until any component changes.</summary>
    public Freshness Freshness { get; } = new();

    /// <summary>Mostly few.</summary>
    public IEnumerable<NamespaceEntry> PrivateNamespaces => Namespaces.Values.Where(space => space.IsPrivate);

    public ComponentEntry? Find(string space, string name) => Components.GetValueOrDefault($"{space}/{name}");
}
