using System.Globalization;
using System.Numerics;
using Claimed.Registry.Access;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Search;

/// <summary>
/// Finds components: words in the database, all else in memory, where it is also known who sees what. Whoever sees nothing of a component gets the same
/// answer as if it were not there; it has no part in counts, and none in the order of others.
/// </summary>
internal sealed class ComponentSearch(RegistryDatabase database, ISearchIndex index, SearchFollower follower, ComponentUses uses)
{
    // A publisher who got its answer finds what it published; a search waits so long for an index that is behind.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What matches; in the order of relevance, then use, then name when words are asked for, else of namespace and name.</summary>
    /// <param name="query">Null asks for all.</param>
    /// <exception cref="System.Data.Common.DbException">The database is away.</exception>
    public async Task<Found> FindAsync(CatalogView view, SearchQuery? query, CancellationToken cancellation)
    {
        var listed = view.Components.Where(component => component.IsListed);
        if (query is null)
            return new Found(listed.Select(component => new Hit(component, 0, 0)), view.Freshness, "components", null);
        // Before it is asked: what is followed meanwhile is not in the answer.
        var (position, words) = (follower.Position, follower.Freshness);
        var matches = await AskAsync(query, cancellation);
        var (needed, isComplete) = (view.Catalog.ChangedAt, true);
        if (Math.Max(position, matches.Serial) < needed)
        {
            isComplete = await follower.WaitForAsync(needed, Patience, cancellation);
            matches = await AskAsync(query, cancellation);
        }
        var counts = await uses.CurrentAsync(cancellation);
        var hits = listed.Where(component => matches.Weights.ContainsKey(component.Id)).Select(component => new Hit(component, (int)matches.Weights[component.Id], Coarse(counts.Of(component))));
        return new Found(hits.ToList(), isComplete ? new Freshness(view.Freshness, new Freshness(counts.Freshness, words)) : null,
            $"search {Digest.Of(query.Key)["sha256:".Length..][..12]}", HitOrder.Instance);
    }

    // Cursors have it: with steps of twice the use, hardly any component changes its place while somebody turns pages.
    private static int Coarse(long uses) => BitOperations.Log2((ulong)uses + 1);

    private Task<SearchMatches> AskAsync(SearchQuery query, CancellationToken cancellation) =>
        database.ReadAsync(db => SearchMatches.FindAsync(db, index, query, cancellation), cancellation);
}

/// <summary>A component that was found.</summary>
/// <param name="Weight">The worst of the best places where words stand; 0 when none were asked for.</param>
/// <param name="Uses">How often it was used, as the power of two.</param>
internal readonly record struct Hit(ComponentEntry Component, int Weight, long Uses)
{
    /// <summary>Its place in the order, as cursors carry it.</summary>
    public string Key => Weight == 0 ? Component.Subject : string.Create(CultureInfo.InvariantCulture, $"{Weight} {Uses} {Component.Subject}");
}

/// <summary>Of a search.</summary>
/// <param name="Hits">Each once. Sorted already where there is no order.</param>
/// <param name="Until">Null: the index was behind, and the answer is for nobody else.</param>
/// <param name="List">Name of the list for cursors; another query makes another list.</param>
/// <param name="Order">Null for the order of subjects.</param>
internal sealed record Found(IEnumerable<Hit> Hits, Freshness? Until, string List, HitOrder? Order)
{
    /// <summary>Those behind a place, in order; only as many are sorted as are taken.</summary>
    public IEnumerable<Hit> Behind(IEnumerable<Hit> hits, string? after)
    {
        if (Order is null)
            return after is null ? hits : hits.Where(hit => string.CompareOrdinal(hit.Component.Subject, after) > 0);
        if (after is not null && HitOrder.TryRead(after, out var place))
            hits = hits.Where(hit => HitOrder.Compare((hit.Weight, hit.Uses, hit.Component.Subject), place) > 0);
        return hits.Order(Order);
    }

    public bool IsKey(string key) => Order is null || HitOrder.TryRead(key, out _);
}

/// <summary>The better place first, then the more used, then by subject; no two are equal.</summary>
internal sealed class HitOrder : IComparer<Hit>
{
    public static readonly HitOrder Instance = new();

    public int Compare(Hit x, Hit y) => Compare((x.Weight, x.Uses, x.Component.Subject), (y.Weight, y.Uses, y.Component.Subject));

    public static int Compare((int Weight, long Uses, string Subject) one, (int Weight, long Uses, string Subject) other) =>
        one.Weight.CompareTo(other.Weight) is var weight and not 0 ? weight
        : other.Uses.CompareTo(one.Uses) is var uses and not 0 ? uses
        : string.CompareOrdinal(one.Subject, other.Subject);

    public static bool TryRead(string key, out (int Weight, long Uses, string Subject) place)
    {
        place = default;
        if (key.Split(' ', 3) is not [var weight, var uses, var subject]
            || !int.TryParse(weight, NumberStyles.None, CultureInfo.InvariantCulture, out var first) || !long.TryParse(uses, NumberStyles.None, CultureInfo.InvariantCulture, out var second))
            return false;
        place = (first, second, subject);
        return true;
    }
}
