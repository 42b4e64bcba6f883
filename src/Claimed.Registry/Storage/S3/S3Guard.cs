using Claimed.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage.S3;

/// <summary>
/// Keeps "this transaction names a blob that is there" apart from "no row names this blob: remove it". Whoever names holds it shared from
/// its look at the bucket until its commit; whoever removes holds it alone, and asks the database while it does. So a row never names a blob
/// that was removed, whatever the clocks of nodes and server say and however short a grace is. On PostgreSQL it is an advisory lock, which
/// nodes that share no folder have in common; on SQLite a lock of the data folder.
/// </summary>
internal sealed class S3Guard(IDbContextFactory<RegistryContext> contexts, IOptions<DatabaseOptions> options, IOptions<RegistryOptions> registry)
{
    // Any number that no other advisory lock of this database has: "blobs" in ASCII.
    private const long Key = 0x62_6C_6F_62_73;

    private readonly Lazy<BlobLock> _file = new(() => new BlobLock(Path.Combine(registry.Value.DataPath, "blobs.lock")));

    /// <summary>Until it is disposed of, on PostgreSQL until the transaction ends, nothing is removed.</summary>
    public async ValueTask<IDisposable?> NamingAsync(RegistryContext transaction, CancellationToken cancellation)
    {
        if (options.Value.IsSqlite)
            return await Task.Run(() => _file.Value.Touching(), cancellation);
        await transaction.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock_shared({Key})", cancellation);
        return null;
    }

    /// <summary>Asks without holding anything: the answer is old when it comes.</summary>
    public async Task<bool> LookingAsync(Func<RegistryContext, Task<bool>> look, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await look(db);
    }

    /// <summary>Runs <paramref name="remove"/> while no transaction is between its look at the bucket and its commit.</summary>
    public async Task<bool> RemovingAsync(Func<RegistryContext, Task<bool>> remove, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (options.Value.IsSqlite)
        {
            using var alone = await Task.Run(() => _file.Value.Removing(), cancellation);
            return await remove(db);
        }
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Key})", cancellation);
        return await remove(db);
    }
}
