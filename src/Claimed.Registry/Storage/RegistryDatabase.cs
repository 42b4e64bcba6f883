using Claimed.Database;
using Claimed.Database.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage;

/// <summary>
/// Reads and changes the database. Every change is one transaction that ends by taking its event serials, so that serial
/// order is commit order; on SQLite changes pass one gate, because the file takes one writer at a time.
/// </summary>
public sealed partial class RegistryDatabase(
    IDbContextFactory<RegistryContext> contexts, IBlobStore blobs, IOptions<DatabaseOptions> options, TimeProvider clock, ILogger<RegistryDatabase> logger) : IDisposable
{
    private const int Tries = 10;

    private readonly SemaphoreSlim? _gate = options.Value.IsSqlite ? new SemaphoreSlim(1, 1) : null;

    /// <summary>Told after a commit, before the writer goes on, up to which event the own node's snapshot must be: what the writer wrote or found.</summary>
    public Func<long, Task>? Committed { get; set; }

    public async Task<T> ReadAsync<T>(Func<RegistryContext, Task<T>> query, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return await query(db);
    }

    public Task ChangeAsync(Func<Change, Task> work, CancellationToken cancellation) =>
        ChangeAsync(async change =>
        {
            await work(change);
            return true;
        }, cancellation);

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction; an exception from it leaves nothing behind. It may run more than once: when the
    /// database ended the transaction for the sake of another, only the last run counts.
    /// </summary>
    public async Task<T> ChangeAsync<T>(Func<Change, Task<T>> work, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ChangeOnceAsync(work, cancellation);
            }
            catch (Exception fault) when (attempt < Tries && Contention.IsCauseOf(fault))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5 << Math.Min(attempt, 6))), clock, cancellation);
            }
        }
    }

    private async Task<T> ChangeOnceAsync<T>(Func<Change, Task<T>> work, CancellationToken cancellation)
    {
        T result;
        long serial;
        if (_gate is not null)
            await _gate.WaitAsync(cancellation);
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellation);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            var change = new Change(db, clock.GetUtcNow().ToUnixTimeMilliseconds(), cancellation);
            result = await work(change);
            if (change.IsAbandoned)
                return result;
            await db.SaveChangesAsync(cancellation);
            serial = await NumberEventsAsync(db, change, cancellation);
            // The last moment before the rows count: what they name is there, and no collection takes it before they do.
            foreach (var digest in change.Named)
            {
                if (!blobs.Touch(digest))
                    throw new BlobLostException(digest, "was collected before a row named it; send it again");
            }
            await transaction.CommitAsync(CancellationToken.None);
        }
        finally
        {
            _gate?.Release();
        }
        await TellAsync(serial);
        return result;
    }

    /// <summary>The change is committed: a reader that cannot follow now follows by its own look, and the writer's answer stays the true one.</summary>
    private async Task TellAsync(long serial)
    {
        if (serial == 0 || Committed is not { } committed)
            return;
        try
        {
            await committed(serial);
        }
        catch (Exception fault)
        {
            LogNotFollowed(logger, serial, fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The catalog could not follow up to event {Serial} at once; its next look does.")]
    private static partial void LogNotFollowed(ILogger logger, long serial, Exception fault);

    private static async Task<long> NumberEventsAsync(RegistryContext db, Change change, CancellationToken cancellation)
    {
        // Who changed nothing decided so because of what another has written, and will read that from the snapshot.
        if (change.Events.Count == 0)
            return await db.EventHeads.Select(head => head.Serial).SingleAsync(cancellation);
        var count = change.Events.Count;
        var heads = await db.Database.SqlQuery<long>(
            $"""UPDATE event_head SET "Serial" = "Serial" + {count} WHERE "Id" = 1 RETURNING "Serial" AS "Value" """).ToListAsync(cancellation);
        var serial = heads.Single() - count;
        foreach (var entry in change.Events)
        {
            entry.Serial = ++serial;
            db.Events.Add(entry);
        }
        await db.SaveChangesAsync(cancellation);
        return serial;
    }

    public void Dispose() => _gate?.Dispose();
}

/// <summary>A transaction under way.</summary>
/// <param name="Db">Tracks what it loads; saved when the work returns.</param>
/// <param name="Now">Unix milliseconds, one value for the whole change.</param>
public sealed record Change(RegistryContext Db, long Now, CancellationToken Cancellation)
{
    internal List<RegistryEvent> Events { get; } = [];

    internal List<string> Named { get; } = [];

    internal bool IsAbandoned { get; private set; }

    /// <summary>Says that rows of this change name a blob: without it the change fails with <see cref="BlobLostException"/>.</summary>
    public void Names(string digest) => Named.Add(digest);

    /// <summary>Undoes everything when the work returns, without an error.</summary>
    public void Abandon() => IsAbandoned = true;

    /// <summary>Adds an event that commits with this change.</summary>
    public void Tell(string kind, string subject, object payload) =>
        Events.Add(new RegistryEvent { At = Now, Kind = kind, Subject = subject, Payload = Http.Json.Write(payload) });
}
