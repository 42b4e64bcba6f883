using Claimed.Database;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Storage;

/// <summary>The rows of read counts, worded alike on both databases.</summary>
public static class ReadRows
{
    /// <summary>Days over which recent use is told.</summary>
    public const int Recent = 30;

    /// <summary>The day of a time, as rows have it.</summary>
    public static int DayOf(long milliseconds) => (int)(milliseconds / TimeSpan.MillisecondsPerDay);

    /// <summary>Adds reads; those of a version that is gone are gone.</summary>
    /// <param name="counts">In an order that is the same for everyone who adds, or two would wait for each other.</param>
    public static Task AddAsync(Change change, IEnumerable<(long Version, string Client, long Count)> counts)
    {
        var (text, day, sums) = (new StatementText(), DayOf(change.Now), new SortedDictionary<long, long>());
        foreach (var (version, client, count) in counts)
        {
            sums[version] = sums.GetValueOrDefault(version) + count;
            text.Add(
                $"""
                INSERT INTO version_reads ("VersionId", "Client", "Day", "Count") SELECT v."Id", {text.Same(client)}, {day}, {count} FROM versions v WHERE v."Id" = {version} AND v."PurgedAt" IS NULL
                ON CONFLICT ("VersionId", "Client", "Day") DO UPDATE SET "Count" = version_reads."Count" + excluded."Count";
                """);
        }
        if (text.IsEmpty)
            return Task.CompletedTask;
        // Behind all versions, each component once: versions of two components may have been published in turns, in the order of neither.
        text.Add(
            $"""
            WITH sums (version, reads) AS (VALUES {string.Join(", ", sums.Select(sum => $"({sum.Key}, {sum.Value})"))})
            INSERT INTO component_reads ("ComponentId", "Count")
            SELECT v."ComponentId", SUM(s.reads) FROM sums s JOIN versions v ON v."Id" = s.version GROUP BY v."ComponentId" ORDER BY v."ComponentId"
            ON CONFLICT ("ComponentId") DO UPDATE SET "Count" = component_reads."Count" + excluded."Count";
            """);
        return change.Db.RunAsync(text.Whole, change.Cancellation);
    }

    /// <summary>Adds pulls of an image as reads of the versions that have it.</summary>
    /// <param name="client">The word for engines.</param>
    public static async Task AddPullsAsync(Change change, string repository, string digest, string client, long count)
    {
        if (repository.Split('/') is not [var space, var name])
            return;
        await change.Db.RunAsync(
            $"""
            INSERT INTO version_reads ("VersionId", "Client", "Day", "Count")
            SELECT v."Id", {client}, {DayOf(change.Now)}, {count} FROM versions v JOIN components c ON c."Id" = v."ComponentId" JOIN namespaces n ON n."Id" = c."NamespaceId"
            WHERE v."ImageDigest" = {digest} AND v."PurgedAt" IS NULL AND n."Name" = {space} AND c."Name" = {name} ORDER BY v."Id"
            ON CONFLICT ("VersionId", "Client", "Day") DO UPDATE SET "Count" = version_reads."Count" + excluded."Count";
            INSERT INTO component_reads ("ComponentId", "Count")
            SELECT c."Id", {count} FROM components c JOIN namespaces n ON n."Id" = c."NamespaceId" WHERE n."Name" = {space} AND c."Name" = {name}
              AND EXISTS (SELECT 1 FROM versions v WHERE v."ComponentId" = c."Id" AND v."ImageDigest" = {digest})
            ON CONFLICT ("ComponentId") DO UPDATE SET "Count" = component_reads."Count" + excluded."Count";
            """, change.Cancellation);
    }

    /// <summary>Reads of a version by client and day.</summary>
    public static Task<List<Database.Catalog.VersionRead>> OfAsync(RegistryContext db, long version, CancellationToken cancellation) =>
        db.VersionReads.AsNoTracking().Where(row => row.VersionId == version).ToListAsync(cancellation);
}
