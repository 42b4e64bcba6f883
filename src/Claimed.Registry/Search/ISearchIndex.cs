using System.Data.Common;
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

    /// <summary>Adds the statement that says how far the index has come: one row, the serial first. It stands before all others.</summary>
    void AskHead(StatementText text);

    /// <summary>Adds a statement for the components that have the words of the query in such places or better: one row for <see cref="Ids"/>.</summary>
    void AskComponents(StatementText text, SearchQuery query, SearchWeight worst);

    /// <summary>The ids in a row that was asked for.</summary>
    IReadOnlyList<long> Ids(DbDataReader row);

    /// <summary>Adds a statement for what is indexed of some components: rows of an id and words.</summary>
    void AskWords(StatementText text, IReadOnlyCollection<long> components);
}
