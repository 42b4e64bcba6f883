using System.Data.Common;
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

    /// <summary>What it sets ends with the statements of one round trip: the planner does not know what reading all vectors costs.</summary>
    public void AskHead(StatementText text) => text.Add($"{SearchRows.Head}, set_config('enable_seqscan', 'off', true) FROM search_head;");

    public void AskComponents(StatementText text, SearchQuery query, SearchWeight worst) =>
        text.Add($"""SELECT array_agg("ComponentId") FROM search_index WHERE "Tokens" @@ CAST({text.Value(query.Text(worst, " & ", " | ", token => $"'{token}':*"))} AS tsquery);""");

    public IReadOnlyList<long> Ids(DbDataReader row) => row.IsDBNull(0) ? [] : row.GetFieldValue<long[]>(0);

    public void AskWords(StatementText text, IReadOnlyCollection<long> components) =>
        text.Add($"""SELECT "ComponentId", array_to_string(tsvector_to_array("Tokens"), ' ') FROM search_index WHERE "ComponentId" IN ({string.Join(',', components)});""");
}
