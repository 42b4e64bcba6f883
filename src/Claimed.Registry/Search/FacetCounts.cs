using System.Runtime.InteropServices;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Search;

/// <summary>How many components have a value.</summary>
/// <param name="Value">As a filter takes it.</param>
public sealed record FacetCount(string Value, int Count);

/// <summary>
/// Counts over the whole of a result. A filter does not count against its own facet: who has chosen one category sees how many the others would give.
/// </summary>
internal sealed class FacetCounts(ComponentFilters filters)
{
    /// <summary>Values of a facet that are told.</summary>
    public const int Most = 50;

    private readonly Dictionary<string, int>[] _counts = [.. ComponentFilters.Facets.Select(_ => new Dictionary<string, int>(StringComparer.Ordinal))];

    /// <summary>Components that all filters admit.</summary>
    public int Total { get; private set; }

    /// <summary>Whether all filters admit it.</summary>
    public bool Count(ComponentEntry component)
    {
        if (filters.OnlyObstacle(component) is not { } obstacle)
            return false;
        if (obstacle >= 0)
        {
            Add(obstacle, component);
            return false;
        }
        Total++;
        for (var index = 0; index < _counts.Length; index++)
            Add(index, component);
        return true;
    }

    /// <summary>Facet → the most frequent values, then by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<FacetCount>> ToFacets()
    {
        var facets = new Dictionary<string, IReadOnlyList<FacetCount>>(StringComparer.Ordinal);
        foreach (var (index, facet) in ComponentFilters.Facets.Index())
        {
            // Filters ignore case, so values that differ in nothing else are one; of its spellings one is told, the same whatever came first.
            facets[facet.Name] = [.. _counts[index].GroupBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase)
                .Select(spellings => new FacetCount(spellings.Select(entry => entry.Key).Min(StringComparer.Ordinal)!, spellings.Sum(entry => entry.Value)))
                .OrderByDescending(entry => entry.Count).ThenBy(entry => entry.Value, StringComparer.OrdinalIgnoreCase).Take(Most)];
        }
        return facets;
    }

    private void Add(int facet, ComponentEntry component)
    {
        var values = ComponentFilters.Facets[facet].Values(component);
        for (var index = 0; index < values.Count; index++)
        {
            // A component counts once, however it spells the value.
            if (!Repeats(values, index))
                CollectionsMarshal.GetValueRefOrAddDefault(_counts[facet], values[index], out _)++;
        }
    }

    private static bool Repeats(IReadOnlyList<string> values, int index)
    {
        for (var before = 0; before < index; before++)
        {
            if (string.Equals(values[before], values[index], StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
