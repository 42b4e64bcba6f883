using System.Net.Sockets;
using Claimed.Registry.Http;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Claimed.Registry.Storage;

/// <summary>Tells a database that is away, and comes back by itself, from statements that are wrong.</summary>
public static class DatabaseFaults
{
    /// <summary>Seconds after which a client may try again.</summary>
    public const int RetryAfter = 5;

    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteIoError = 10;
    private const int SqliteCannotOpen = 14;

    /// <summary>For requests that need the database while it is away.</summary>
    public static readonly Refusal Away = new(503, "database-unreachable", "The database does not answer.",
        "Nothing was changed, or what was is whole: send the request again in a few seconds. Reading the catalog goes on meanwhile.")
    { RetryAfter = RetryAfter };

    public static bool IsAway(Exception? fault)
    {
        for (; fault is not null; fault = fault.InnerException)
        {
            switch (fault)
            {
                // 08: connection exceptions; 57P: shut down, crashed, starting. A full disk (53100) is for StorageFaults.
                case PostgresException answer:
                    return answer.SqlState is PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.TooManyConnections
                        || answer.SqlState.StartsWith("08", StringComparison.Ordinal) || answer.SqlState.StartsWith("57P", StringComparison.Ordinal);
                // Without an answer of the server it is the way to it: refused, cut, silent for too long, or no connection left.
                case NpgsqlException:
                    return true;
                case SqliteException file:
                    return file.SqliteErrorCode is SqliteBusy or SqliteLocked or SqliteIoError or SqliteCannotOpen;
                // A name that is not known yet, as that of a server that is just started.
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }:
                    return true;
            }
        }
        return false;
    }
}
