using Claimed.Database;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Search;

/// <summary>A tsvector of each component, with a GIN index over all. Words come finished, so that no dictionary and no parser of the server has a say.</summary>
internal sealed class PostgresSearchIndex : ISearchIndex
{
    public async Task WriteAsync(Change change, IReadOnlyList<SearchText> texts)
    {
        foreach (var text in texts)
            await change.Db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO search_index ("ComponentId", "Tokens") VALUES ({text.Component}, array_to_tsvector(string_to_array({text.Words}, ' ')))
                ON CONFLICT ("ComponentId") DO UPDATE SET "Tokens" = excluded."Tokens"
                """, change.Cancellation);
    }

    public async Task<SearchMatches> FindAsync(RegistryContext db, SearchQuery query, CancellationToken cancellation)
    {
        var text = new StatementText();
        text.Add(SearchRows.HeadOfReaders);
        foreach (var weight in Enum.GetValues<SearchWeight>())
            text.Add($"""SELECT array_agg("ComponentId") FROM search_index WHERE "Tokens" @@ CAST({text.Value(query.Text(weight, " & ", " | ", token => $"'{token}':*"))} AS tsquery);""");
        return await SearchRows.ReadAsync(db, text, (row, add) =>
        {
            if (row.IsDBNull(0))
                return;
            foreach (var id in row.GetFieldValue<long[]>(0))
                add(id);
        }, cancellation);
    }
}
