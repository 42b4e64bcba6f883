using Claimed.Database;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Search;

/// <summary>What an index says to a query.</summary>
/// <param name="Serial">At least what events up to this one changed is in it.</param>
/// <param name="Weights">By id of the component, the worst of the best places of its words. Nobody has asked yet who may see them.</param>
internal sealed record SearchMatches(long Serial, IReadOnlyDictionary<long, SearchWeight> Weights)
{
    // Of so few, reading all words is quicker than asking again for each place.
    private const int Few = 64;

    /// <summary>Asks for all that match, then where. Of many the best place is asked for first; mostly it says it of all.</summary>
    public static async Task<SearchMatches> FindAsync(RegistryContext db, ISearchIndex index, SearchQuery query, CancellationToken cancellation)
    {
        var (serial, sets) = await AskAsync(db, index, query, [SearchWeight.Readme], cancellation);
        var all = sets[0];
        if (all.Count is > 0 and <= Few)
            return new SearchMatches(serial, await WeighAsync(db, index, query, all, cancellation));
        var weights = new Dictionary<long, SearchWeight>(all.Count);
        foreach (var places in (SearchWeight[][])[[SearchWeight.Name], [SearchWeight.Title, SearchWeight.Description, SearchWeight.Ports]])
        {
            if (weights.Count == all.Count)
                break;
            foreach (var (place, components) in places.Zip((await AskAsync(db, index, query, places, cancellation)).Sets))
            {
                foreach (var id in components)
                    weights.TryAdd(id, place);
            }
        }
        foreach (var id in all)
            weights.TryAdd(id, SearchWeight.Readme);
        return new SearchMatches(serial, weights);
    }

    /// <summary>Components that have the words in such places or better, of each of these.</summary>
    private static async Task<(long Serial, IReadOnlyList<IReadOnlyList<long>> Sets)> AskAsync(
        RegistryContext db, ISearchIndex index, SearchQuery query, IReadOnlyList<SearchWeight> places, CancellationToken cancellation)
    {
        var text = new StatementText();
        // Before the words: what it says is in all that follows.
        index.AskHead(text);
        foreach (var place in places)
            index.AskComponents(text, query, place);
        var heads = new List<long>();
        var found = new List<IReadOnlyList<long>>();
        await db.RunAsync(text.Whole, cancellation,
            [Statements.Into(heads, row => row.GetInt64(0)), .. places.Select(_ => Statements.Into(found, row => index.Ids(row)))]);
        return (heads.Single(), found);
    }

    private static async Task<Dictionary<long, SearchWeight>> WeighAsync(RegistryContext db, ISearchIndex index, SearchQuery query, IReadOnlyList<long> components, CancellationToken cancellation)
    {
        var text = new StatementText();
        index.AskWords(text, components);
        var words = await db.QueryAsync(text.Whole, row => (Component: row.GetInt64(0), Words: row.GetString(1)), cancellation);
        var weights = new Dictionary<long, SearchWeight>(words.Count);
        foreach (var (component, said) in words)
        {
            // One that was written anew since matches no more.
            if (query.WeightOf(said) is { } weight)
                weights[component] = weight;
        }
        return weights;
    }
}
