using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Claimed.Registry.Storage;

/// <summary>Sets on each SQLite connection what the file does not remember: a commit is on the disk when it returns.</summary>
public sealed class SqliteSession : DbConnectionInterceptor
{
    private const string Patience = "PRAGMA busy_timeout=30000;";
    private const string Pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; " + Patience;

    // A connection that comes out of the pool has the handle, and with it the settings, of the one that went in.
    private readonly ConditionalWeakTable<object, object> _set = [];

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Set((SqliteConnection)connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Set((SqliteConnection)connection);
        return Task.CompletedTask;
    }

    /// <summary>Sets them unless they are set.</summary>
    public void Set(SqliteConnection connection)
    {
        if (connection.Handle is not { } handle || _set.TryGetValue(handle, out _))
            return;
        using var command = connection.CreateCommand();
        // EF looks read-only whether a file is there. One that a kill left empty has no journal mode yet, and setting it would be a write.
        command.CommandText = new SqliteConnectionStringBuilder(connection.ConnectionString).Mode == SqliteOpenMode.ReadOnly ? Patience : Pragmas;
        command.ExecuteNonQuery();
        _set.AddOrUpdate(handle, handle);
    }
}
