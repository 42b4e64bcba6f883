using System.Globalization;
using Claimed.Database;
using Claimed.Database.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage;

/// <summary>
/// Reads and changes the database. Every change is one transaction that ends by taking its event serials, so that serial
/// order is commit order; on SQLite changes pass one gate, because the file takes one writer at a time.
/// </summary>
public sealed partial class RegistryDatabase : IDisposable
{
    private const int Tries = 10;

    private readonly IDbContextFactory<RegistryContext> _contexts;
    private readonly IBlobStore _blobs;
    private readonly TimeProvider _clock;
    private readonly ILogger<RegistryDatabase> _logger;
    private readonly SemaphoreSlim? _gate;
    private readonly SharedCommits _together;

    public RegistryDatabase(
        IDbContextFactory<RegistryContext> contexts, IBlobStore blobs, IOptions<DatabaseOptions> options, TimeProvider clock, ILogger<RegistryDatabase> logger)
    {
        (_contexts, _blobs, _clock, _logger) = (contexts, blobs, clock, logger);
        _gate = options.Value.IsSqlite ? new SemaphoreSlim(1, 1) : null;
        _together = new SharedCommits(_gate, CommitTogetherAsync);
    }

    /// <summary>
    /// Told after a commit, before the writer goes on, up to which event the own node's snapshot must be: what the writer wrote, which come
    /// with it, or what it found.
    /// </summary>
    public Func<long, IReadOnlyList<RegistryEvent>, Task>? Committed { get; set; }

    public async Task<T> ReadAsync<T>(Func<RegistryContext, Task<T>> query, CancellationToken cancellation)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellation);
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return await query(db);
    }

    public Task ReadAsync(Func<RegistryContext, Task> query, CancellationToken cancellation) => ReadAsync(async db =>
    {
        await query(db);
        return true;
    }, cancellation);

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
                await Task.Delay(Pause(attempt), _clock, cancellation);
            }
        }
    }

    private static TimeSpan Pause(int attempt) => TimeSpan.FromMilliseconds(Random.Shared.Next(5 << Math.Min(attempt, 6)));

    private async Task<T> ChangeOnceAsync<T>(Func<Change, Task<T>> work, CancellationToken cancellation)
    {
        T result;
        long serial;
        IReadOnlyList<RegistryEvent> written;
        if (_gate is not null)
            await _gate.WaitAsync(cancellation);
        try
        {
            await using var db = await _contexts.CreateDbContextAsync(cancellation);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            if (Actor.Current.Refuses?.Invoke() is { } refusal)
                throw new Http.RefusedException(refusal);
            var change = new Change(db, _clock.GetUtcNow().ToUnixTimeMilliseconds(), cancellation);
            result = await work(change);
            if (change.IsAbandoned)
                return result;
            await db.SaveChangesAsync(cancellation);
            await using var hold = await _blobs.HoldAsync(change.Named, db, cancellation);
            serial = await WriteEventsAsync(db, [(change, Actor.Current)], cancellation);
            written = change.Events;
            // The last moment before the rows count: what they name is there, and no collection takes it before they do.
            if (await hold.LostAsync(cancellation) is { } lost)
                throw Gone(lost);
            await transaction.CommitAsync(CancellationToken.None);
        }
        finally
        {
            _gate?.Release();
        }
        await TellAsync(serial, written);
        return result;
    }

    private static BlobLostException Gone(string digest) => new(digest, "was collected before a row named it; send it again");

    /// <summary>The change is committed: a reader that cannot follow now follows by its own look, and the writer's answer stays the true one.</summary>
    private async Task TellAsync(long serial, IReadOnlyList<RegistryEvent> written)
    {
        if (serial == 0 || Committed is not { } committed)
            return;
        try
        {
            await committed(serial, written);
        }
        catch (Exception fault)
        {
            LogNotFollowed(_logger, serial, fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The catalog could not follow up to event {Serial} at once; its next look does.")]
    private static partial void LogNotFollowed(ILogger logger, long serial, Exception fault);

    /// <summary>
    /// Numbers and writes the events, after the statements that were kept for the end, in one round trip, because from the head's update to
    /// the commit every other change waits.
    /// </summary>
    private static async Task<long> WriteEventsAsync(RegistryContext db, IReadOnlyList<(Change Change, Actor Actor)> changes, CancellationToken cancellation)
    {
        // The changes before it have written theirs by now.
        var text = changes[^1].Change.Last;
        var events = changes.SelectMany(one => one.Change.Events.Select((entry, index) => (Entry: entry, Space: one.Change.Spaces[index], one.Actor))).ToList();
        var count = events.Count;
        if (count > 0)
            text.Add(string.Create(CultureInfo.InvariantCulture, $"UPDATE event_head SET \"Serial\" = \"Serial\" + {count} WHERE \"Id\" = 1;"));
        foreach (var (index, (entry, _, _)) in events.Index())
        {
            text.Add(string.Create(CultureInfo.InvariantCulture,
                $"""
                INSERT INTO events ("Serial", "At", "Kind", "Subject", "Payload")
                SELECT "Serial" - {count - 1 - index}, {entry.At}, {text.Same(entry.Kind)}, {text.Same(entry.Subject)}, {text.Value(entry.Payload)} FROM event_head WHERE "Id" = 1;
                """));
        }
        foreach (var (index, (entry, space, actor)) in events.Index())
        {
            text.Add(string.Create(CultureInfo.InvariantCulture,
                $"""
                INSERT INTO audit ("At", "Who", "Address", "TokenId", "Action", "Subject", "Namespace", "Outcome", "EventSerial")
                SELECT {entry.At}, {text.Same(actor.Name)}, {text.Same(actor.Address)}, {text.Value(actor.TokenId)}, {text.Same(entry.Kind)}, {text.Same(entry.Subject)}, {text.Same(space)}, 'done', "Serial" - {count - 1 - index}
                FROM event_head WHERE "Id" = 1;
                """));
        }
        // Who changed nothing decided so because of what another has written, and will read that from the snapshot.
        text.Add("""SELECT "Serial" FROM event_head WHERE "Id" = 1""");
        var serial = (await db.QueryAsync(text.Whole, row => row.GetInt64(0), cancellation)).Single();
        foreach (var (index, (entry, _, _)) in events.Index())
            entry.Serial = serial - count + 1 + index;
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

    internal List<string?> Spaces { get; } = [];

    internal List<string> Named { get; } = [];

    /// <summary>Statements without results that go with the events, in the last round trip: nothing in the transaction may need what they write.</summary>
    internal StatementText Last { get; } = new();

    internal bool IsAbandoned { get; private set; }

    /// <summary>Says that rows of this change name a blob: without it the change fails with <see cref="BlobLostException"/>.</summary>
    public void Names(string digest) => Named.Add(digest);

    /// <summary>Undoes everything when the work returns, without an error.</summary>
    public void Abandon() => IsAbandoned = true;

    /// <summary>Adds an event that commits with this change, and with it a line of the audit.</summary>
    /// <param name="space">The namespace whose owners may read that line, where the subject does not say it.</param>
    public void Tell(string kind, string subject, object payload, string? space = null)
    {
        Events.Add(new RegistryEvent { At = Now, Kind = kind, Subject = subject, Payload = Http.Json.Write(payload) });
        Spaces.Add(space ?? (kind.StartsWith(Snapshot.SnapshotFeed.AccessKinds, StringComparison.Ordinal) ? null : subject.Split('/')[0]));
    }
}
