using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Search;

/// <summary>What of the catalog is asked for beside words; null members ask for nothing. Comparisons ignore case.</summary>
/// <param name="Input">Type of an input.</param>
/// <param name="Output">Type of an output.</param>
public sealed record ComponentFilters(string? Category, string? Group, string? Tag, string? Namespace, string? Input, string? Output)
{
    /// <summary>The facets by their names in queries, in the order of answers: what is asked for, and what a component has of it.</summary>
    internal static readonly IReadOnlyList<(string Name, Func<ComponentFilters, string?> Wanted, Func<ComponentEntry, IReadOnlyList<string>> Values)> Facets =
    [
        ("category", filters => filters.Category, component => component.Category is { } category ? [category] : []),
        ("group", filters => filters.Group, component => component.Group is { } group ? [group] : []),
        ("tag", filters => filters.Tag, component => component.Tags),
        ("namespace", filters => filters.Namespace, component => [component.Namespace]),
        ("input", filters => filters.Input, component => component.InputTypes),
        ("output", filters => filters.Output, component => component.OutputTypes),
    ];

    public bool Admit(ComponentEntry component) => Facets.All(facet => Admits(facet, component));

    /// <summary>Index of the only facet that keeps the component out; -1 when none does, null when several do.</summary>
    internal int? OnlyObstacle(ComponentEntry component)
    {
        var obstacle = -1;
        for (var index = 0; index < Facets.Count; index++)
        {
            if (Admits(Facets[index], component))
                continue;
            if (obstacle >= 0)
                return null;
            obstacle = index;
        }
        return obstacle;
    }

    private bool Admits((string Name, Func<ComponentFilters, string?> Wanted, Func<ComponentEntry, IReadOnlyList<string>> Values) facet, ComponentEntry component)
    {
        if (facet.Wanted(this) is not { } wanted)
            return true;
        foreach (var value in facet.Values(component))
        {
            if (string.Equals(value, wanted, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
