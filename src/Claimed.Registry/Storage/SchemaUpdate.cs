using Claimed.Database;
using Claimed.Database.Catalog;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Claimed.Registry.Storage;

/// <summary>Brings the database to this program's schema, or says that someone must.</summary>
public sealed class SchemaUpdate(IDbContextFactory<RegistryContext> contexts, IOptions<DatabaseOptions> options, TimeProvider clock)
{
    /// <summary>Applies what is missing. On SQLite the caller holds the data lock, so a lock row left by a killed migration is stale.</summary>
    public async Task ApplyAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // Most starts find nothing to do, and migrating compares whole models before it finds that out.
        if ((await db.Database.GetPendingMigrationsAsync(cancellation)).Any())
            await MigrateAsync(db, cancellation);
        // The namespace of the library that ships with the product exists from the start.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await new Change(db, clock.GetUtcNow().ToUnixTimeMilliseconds(), cancellation).UseNamespaceAsync(Namespace.Shipped);
        await transaction.CommitAsync(cancellation);
    }

    private async Task MigrateAsync(RegistryContext db, CancellationToken cancellation)
    {
        if (options.Value.IsSqlite)
            await ClearLeftOverLockAsync(db, cancellation);
        // A migration may rewrite a large table; the limits of requests are not for it.
        db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
        await using (await OneAtATimeAsync(cancellation))
            await db.Database.MigrateAsync(cancellation);
    }

    public async Task<bool> IsBehindAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return (await db.Database.GetPendingMigrationsAsync(cancellation)).Any();
    }

    /// <summary>
    /// On PostgreSQL EF's lock ends with each migration's transaction, so that two who migrate at once could both apply the next one.
    /// This one is the server's and ends with its connection, however that ends. On SQLite the caller holds the data lock.
    /// </summary>
    private async Task<NpgsqlConnection?> OneAtATimeAsync(CancellationToken cancellation)
    {
        if (options.Value.IsSqlite)
            return null;
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(options.Value.ConnectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            await using var command = new NpgsqlCommand("SELECT pg_advisory_lock(hashtext('claimed-registry migrate'))", connection);
            await command.ExecuteNonQueryAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task ClearLeftOverLockAsync(RegistryContext db, CancellationToken cancellation)
    {
        var exists = await db.Database.SqlQuery<int>(
            $"""SELECT count(*) AS "Value" FROM sqlite_master WHERE name = '__EFMigrationsLock'""").SingleAsync(cancellation);
        if (exists > 0)
            await db.Database.ExecuteSqlRawAsync("""DELETE FROM "__EFMigrationsLock" """, cancellation);
    }
}
