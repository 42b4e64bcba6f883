using Claimed.Database;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Search;

/// <summary>
/// The words of components in a database: FTS5 on SQLite, a tsvector on PostgreSQL. Both get finished words and answer which components have them, so
/// that they find the same; how relevant a component is follows from where its words stand, never from how many others have them, which would
/// tell of components that the reader does not see.
/// </summary>
internal interface ISearchIndex
{
    /// <summary>Puts these in the place of what is there of the same components.</summary>
    Task WriteAsync(Change change, IReadOnlyList<SearchText> texts);

    /// <summary>Components by the worst of the places where the words of the query stand, with the event that the index had followed before.</summary>
    Task<SearchMatches> FindAsync(RegistryContext db, SearchQuery query, CancellationToken cancellation);
}

/// <summary>What an index says to a query.</summary>
/// <param name="Serial">At least what events up to this one changed is in it.</param>
/// <param name="Weights">By id of the component. Nobody has asked yet who may see them.</param>
internal sealed record SearchMatches(long Serial, IReadOnlyDictionary<long, SearchWeight> Weights);
