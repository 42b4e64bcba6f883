using Claimed.Database;
using Claimed.Database.Search;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Search;

/// <summary>What both databases word alike about the index.</summary>
internal static class SearchRows
{
    /// <summary>The beginning of a statement that asks how far the index has come; one that is still to be made anew has not begun.</summary>
    public static readonly string Head = $"SELECT CASE WHEN \"Format\" = {SearchText.Format} THEN \"Serial\" ELSE {SearchHead.Nothing} END";

    /// <summary>
    /// Takes out what a component is found by, in the transaction that takes its texts; what is left of it comes back when the index follows. What
    /// a follower has read before, and writes afterwards, is older than what the row then says, so that it stays out.
    /// </summary>
    public static async Task RemoveAsync(Change change, long component)
    {
        await HoldAsync(change);
        await change.Db.Database.ExecuteSqlRawAsync(change.Db.Database.IsSqlite()
            ? "DELETE FROM search_index WHERE rowid = {0}" : """DELETE FROM search_index WHERE "ComponentId" = {0}""", [component], change.Cancellation);
        await change.Db.Database.ExecuteSqlAsync(
            $"""INSERT INTO search_documents ("ComponentId", "Serial", "Digest") VALUES ({component}, 0, '') ON CONFLICT ("ComponentId") DO UPDATE SET "Digest" = ''""", change.Cancellation);
        // Its events are numbered from here on, when all that have a number are committed.
        change.Last.Add(
            $"""
            UPDATE event_head SET "Serial" = "Serial" WHERE "Id" = 1;
            UPDATE search_documents SET "Serial" = (SELECT "Serial" + 1 FROM event_head WHERE "Id" = 1) WHERE "ComponentId" = {component};
            """);
    }

    /// <summary>Components of which words are missing.</summary>
    public static async Task<HashSet<long>> PartialAsync(RegistryContext db, CancellationToken cancellation) =>
        [.. await db.SearchDocuments.Where(row => row.Digest == "").Select(row => row.ComponentId).ToListAsync(cancellation)];

    /// <summary>How far the index has come.</summary>
    public static Task<SearchHead> HeadAsync(RegistryContext db, CancellationToken cancellation) => db.SearchHeads.SingleAsync(cancellation);

    /// <summary>The same for a writer, who is alone with the index from here to the end of the transaction.</summary>
    public static async Task<SearchHead> HoldAsync(Change change) => (await change.Db.QueryAsync(
        $"""UPDATE search_head SET "Format" = "Format" WHERE "Id" = 1 RETURNING "Serial", "Format" """,
        row => new SearchHead { Id = 1, Serial = row.GetInt64(0), Format = row.GetInt32(1) }, change.Cancellation)).Single();

    public static Task MoveAsync(Change change, long serial) => change.Db.SearchHeads
        .ExecuteUpdateAsync(set => set.SetProperty(row => row.Serial, serial).SetProperty(row => row.Format, SearchText.Format), change.Cancellation);

    /// <summary>Writes what is new of these. What the index has from a later state of the catalog stays.</summary>
    /// <param name="serial">The event that the catalog had seen that they were made from.</param>
    public static async Task WriteAsync(Change change, ISearchIndex index, IReadOnlyList<SearchText> texts, long serial)
    {
        var ids = texts.Select(text => text.Component).ToArray();
        var known = await change.Db.SearchDocuments.AsNoTracking().Where(row => ids.Contains(row.ComponentId)).ToDictionaryAsync(row => row.ComponentId, change.Cancellation);
        var statements = new StatementText();
        var written = new List<SearchText>();
        foreach (var text in texts)
        {
            var before = known.GetValueOrDefault(text.Component);
            if (before is not null && before.Serial > serial)
                continue;
            statements.Add(
                $"""
                INSERT INTO search_documents ("ComponentId", "Serial", "Digest") VALUES ({text.Component}, {serial}, '{text.Digest}')
                ON CONFLICT ("ComponentId") DO UPDATE SET "Serial" = excluded."Serial", "Digest" = excluded."Digest";
                """);
            if (text.IsPartial || before?.Digest != text.Digest)
                written.Add(text);
        }
        if (!statements.IsEmpty)
            await change.Db.RunAsync(statements.Whole, change.Cancellation);
        await index.WriteAsync(change, written);
    }
}
