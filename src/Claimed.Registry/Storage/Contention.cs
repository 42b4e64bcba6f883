using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Claimed.Registry.Storage;

/// <summary>Which faults of a database only say that two transactions met: the same work will go through when it is run again.</summary>
public static class Contention
{
    // PostgreSQL: serialization failure, deadlock, a unique key that another made in the same moment and a row that another removed or came to
    // need, which the next run finds.
    private static readonly string[] States = ["40001", "40P01", "23505", "23503"];

    private const int Busy = 5;
    private const int UniqueConstraint = 2067;
    private const int PrimaryKeyConstraint = 1555;

    public static bool IsCauseOf(Exception? fault) => fault switch
    {
        null => false,
        OutdatedException => true,
        SqliteException sqlite => sqlite.SqliteErrorCode == Busy || sqlite.SqliteExtendedErrorCode is UniqueConstraint or PrimaryKeyConstraint,
        DbException { SqlState: { } state } when States.Contains(state) => true,
        // EF Core wraps what a save or a transient fault met.
        _ => IsCauseOf(fault.InnerException),
    };
}

/// <summary>What this process remembered of the database is not so any more, and it has forgotten it.</summary>
public sealed class OutdatedException(string message) : Exception(message);
