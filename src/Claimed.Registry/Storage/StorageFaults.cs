using System.Data.Common;
using Npgsql;

namespace Claimed.Registry.Storage;

/// <summary>Tells the faults of disk and database that pass, once someone has made room or brought the database back, from those of the program.</summary>
public static class StorageFaults
{
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    /// <summary>SQLITE_FULL, and SQLITE_IOERR_SHMSIZE, by which SQLite says that the index of its log found no room.</summary>
    private static readonly int[] SqliteFull = [13, 4874];

    /// <summary>The disk, or the database's disk, has no space left.</summary>
    public static bool IsFull(Exception? fault) => Any(fault, cause => cause switch
    {
        IOException { HResult: NoSpaceLeft or QuotaExceeded } => true,
        Microsoft.Data.Sqlite.SqliteException sqlite => SqliteFull.Contains(sqlite.SqliteErrorCode) || SqliteFull.Contains(sqlite.SqliteExtendedErrorCode),
        DbException database => database.SqlState == PostgresErrorCodes.DiskFull,
        _ => false,
    });

    /// <summary>The disk is full, or the database or the blob store is away: the same work may succeed later.</summary>
    public static bool MayPass(Exception? fault) => IsFull(fault) || DatabaseFaults.IsAway(fault) || Any(fault, cause => cause is TimeoutException or BlobStoreAwayException);

    private static bool Any(Exception? fault, Func<Exception, bool> isIt)
    {
        for (; fault is not null; fault = fault.InnerException)
        {
            if (isIt(fault))
                return true;
        }
        return false;
    }
}
