using System.Globalization;
using Claimed.Database;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Search;

/// <summary>An FTS5 table whose row ids are those of components.</summary>
internal sealed class SqliteSearchIndex : ISearchIndex
{
    public async Task WriteAsync(Change change, IReadOnlyList<SearchText> texts)
    {
        // A version may have been purged: what its words took of the file is not left as it was.
        await change.Db.Database.ExecuteSqlRawAsync("PRAGMA secure_delete = ON", change.Cancellation);
        foreach (var text in texts)
            await change.Db.Database.ExecuteSqlAsync($"""INSERT OR REPLACE INTO search_index (rowid, "Tokens") VALUES ({text.Component}, {text.Words})""", change.Cancellation);
    }

    public async Task<SearchMatches> FindAsync(RegistryContext db, SearchQuery query, CancellationToken cancellation)
    {
        var text = new StatementText();
        text.Add(SearchRows.HeadOfReaders);
        foreach (var weight in Enum.GetValues<SearchWeight>())
            text.Add($"SELECT group_concat(rowid, ' ') FROM search_index WHERE search_index MATCH {text.Value(query.Text(weight, " AND ", " OR ", token => $"\"{token}\" *"))};");
        return await SearchRows.ReadAsync(db, text, (row, add) =>
        {
            if (row.IsDBNull(0))
                return;
            var ids = row.GetString(0).AsSpan();
            foreach (var id in ids.Split(' '))
                add(long.Parse(ids[id], CultureInfo.InvariantCulture));
        }, cancellation);
    }
}
