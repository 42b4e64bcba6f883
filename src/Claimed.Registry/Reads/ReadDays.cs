using Claimed.Database.Catalog;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Reads;

/// <summary>Removes read counts that are older than anyone asks for, and those of versions that were purged while somebody read them.</summary>
public sealed class ReadDays(RegistryDatabase database, TimeProvider clock)
{
    /// <summary>Days that are kept: a year can be held against the one before.</summary>
    public const int Kept = 400;

    public async Task<Collected> CollectAsync(bool countOnly, CancellationToken cancellation)
    {
        var first = ReadRows.DayOf(clock.GetUtcNow().ToUnixTimeMilliseconds()) - Kept;
        var count = countOnly
            ? await database.ReadAsync(db => Over(db, first).CountAsync(cancellation), cancellation)
            : await database.ChangeAsync(change => Over(change.Db, first).ExecuteDeleteAsync(change.Cancellation), cancellation);
        return new Collected($"counts of reads that are older than {Kept} days", count);
    }

    private static IQueryable<VersionRead> Over(Database.RegistryContext db, int first) =>
        db.VersionReads.Where(row => row.Day < first || db.Versions.Any(version => version.Id == row.VersionId && version.PurgedAt != null));
}
