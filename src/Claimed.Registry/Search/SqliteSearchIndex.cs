using System.Data.Common;
using System.Globalization;
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

    public void AskHead(StatementText text) => text.Add($"{SearchRows.Head} FROM search_head;");

    public void AskComponents(StatementText text, SearchQuery query, SearchWeight worst) =>
        text.Add($"SELECT group_concat(rowid, ' ') FROM search_index WHERE search_index MATCH {text.Value(query.Text(worst, " AND ", " OR ", token => $"\"{token}\" *"))};");

    public IReadOnlyList<long> Ids(DbDataReader row)
    {
        if (row.IsDBNull(0))
            return [];
        var ids = new List<long>();
        var text = row.GetString(0).AsSpan();
        foreach (var id in text.Split(' '))
            ids.Add(long.Parse(text[id], CultureInfo.InvariantCulture));
        return ids;
    }

    public void AskWords(StatementText text, IReadOnlyCollection<long> components) =>
        text.Add($"""SELECT rowid, "Tokens" FROM search_index WHERE rowid IN ({string.Join(',', components)});""");
}
