using Claimed.Database;
using Claimed.Database.Events;
using Claimed.Registry.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>
/// Keeps <see cref="Current"/> up to date from the events: at once after a commit of this process, and by a look at the highest
/// serial twice a second for commits of others. Events name what changed; only that is read again.
/// </summary>
public sealed partial class SnapshotFeed : BackgroundService
{
    /// <summary>How the kinds of events begin that tell of pushes, tags and deletions in the image store.</summary>
    public const string ImageKinds = "image.";

    /// <summary>How the kinds of events begin that tell of tokens and people; administrators alone read them.</summary>
    public const string AccessKinds = "access.";

    /// <summary>How the kinds of events begin that tell of namespaces, their members and their visibility.</summary>
    public const string NamespaceKinds = "namespace.";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private readonly RegistryDatabase _database;
    private readonly string _folder;
    private readonly TimeProvider _clock;
    private readonly RegistryMetrics _metrics;
    private readonly ILogger<SnapshotFeed> _logger;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lookedAt;
    private volatile CatalogSnapshot _current = CatalogSnapshot.Empty;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SnapshotFeed(RegistryDatabase database, IOptions<RegistryOptions> options, TimeProvider clock, RegistryMetrics metrics, ILogger<SnapshotFeed> logger)
    {
        _database = database;
        _folder = options.Value.DataPath;
        _clock = clock;
        _metrics = metrics;
        _logger = logger;
        database.Committed = (serial, written) => CatchUpAsync(serial, written, CancellationToken.None);
    }

    public CatalogSnapshot Current => _current;

    /// <summary>Called with the events that <see cref="Current"/> is about to have seen, before readers see it; for what else is kept in memory.</summary>
    public Func<RegistryContext, IReadOnlyList<SeenEvent>, CancellationToken, Task>? Follows { get; set; }

    /// <summary>
    /// Told of every event: of this process before its writer goes on, of others at the next look. One may come twice. For what is kept in memory
    /// and read again on demand; unlike <see cref="Follows"/> it needs no database.
    /// </summary>
    public event Action<SeenEvent>? Seen;

    /// <summary>How long ago the database last told what has changed.</summary>
    public TimeSpan Age => _clock.GetElapsedTime(Interlocked.Read(ref _lookedAt));

    /// <summary>Waits until <paramref name="found"/> gives something for some snapshot, or the time is over (then null).</summary>
    public async Task<T?> WaitForAsync<T>(Func<CatalogSnapshot, T?> found, TimeSpan limit, CancellationToken cancellation) where T : class
    {
        var began = _clock.GetTimestamp();
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (found(Current) is { } result)
                return result;
            var left = limit - _clock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
                return null;
            try
            {
                await changed.WaitAsync(left, _clock, cancellation);
            }
            catch (TimeoutException)
            {
                return null;
            }
        }
    }

    /// <summary>Reads the whole catalog; once, at start.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        // The serial first: what changes while the tables are read is read again when its event is seen.
        var (serial, spaces) = await _database.ReadAsync(async db => (
            await db.EventHeads.Select(head => head.Serial).SingleAsync(cancellation),
            await NamespaceReader.ReadAsync(db, null, cancellation)), cancellation);
        var components = CatalogSnapshot.Empty.Components.ToBuilder();
        foreach (var entry in await ReadAllAsync(cancellation))
            components.Add(entry.Subject, entry);
        Publish(new CatalogSnapshot(serial, components.ToImmutable(), CatalogSnapshot.Empty.Namespaces.SetItems(spaces.Select(space => KeyValuePair.Create(space.Name, space)))), Current.Components.Values);
        Interlocked.Exchange(ref _lookedAt, _clock.GetTimestamp());
        _metrics.SnapshotSeen(serial);
        _loaded.TrySetResult();
    }

    /// <summary>The texts go to a file; where none can be written, they stay in memory.</summary>
    private async Task<IReadOnlyList<ComponentEntry>> ReadAllAsync(CancellationToken cancellation)
    {
        try
        {
            var texts = TextFile.Create(_folder);
            var components = await CatalogReader.ReadAllAsync(_database, texts.Append, cancellation);
            texts.Complete();
            return components;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogTextsInMemory(_logger, fault);
            return await CatalogReader.ReadAllAsync(_database, PackedBlock.Pack, cancellation);
        }
    }

    /// <param name="written">Events of this process that end with that serial; none when others may have written it.</param>
    private async Task CatchUpAsync(long serial, IReadOnlyList<RegistryEvent> written, CancellationToken cancellation)
    {
        Tell(written.Select(ToSeen));
        // Before the first load there is nothing to bring on: a word that only writes, or the tokens of a start.
        if (!_loaded.Task.IsCompleted)
            return;
        await _one.WaitAsync(cancellation);
        try
        {
            if (Current.Serial >= serial)
                return;
            var (next, replaced) = await _database.ReadAsync(db => NextAsync(db, Current, written, cancellation), cancellation);
            Publish(next, replaced);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<(CatalogSnapshot Next, IReadOnlyList<ComponentEntry> Replaced)> NextAsync(
        RegistryContext db, CatalogSnapshot before, IReadOnlyList<RegistryEvent> written, CancellationToken cancellation)
    {
        // Mostly nothing lies between what is in memory and what the own process has just written: then there is nothing to ask for.
        var events = written is [var first, ..] && first.Serial == before.Serial + 1
            ? [.. written.Select(ToSeen)]
            : await db.QueryAsync($"""SELECT "Serial", "Kind", "Subject" FROM events WHERE "Serial" > {before.Serial} ORDER BY "Serial" """,
                row => new SeenEvent(row.GetInt64(0), row.GetString(1), row.GetString(2)), cancellation);
        if (events.Count == 0)
            return (before, []);
        Tell(events);
        if (Follows is { } follows)
            await follows(db, events, cancellation);
        var replaced = new List<ComponentEntry>();
        var (components, spaces) = (before.Components, before.Namespaces);
        // What happens to images, tokens and people changes no component.
        var ofCatalog = events.Where(entry => !entry.Kind.StartsWith(ImageKinds, StringComparison.Ordinal) && !entry.Kind.StartsWith(AccessKinds, StringComparison.Ordinal)).ToList();
        foreach (var space in ofCatalog.Select(entry => (Name: entry.Subject.Split('/')[0], Changes: entry.Kind.StartsWith(NamespaceKinds, StringComparison.Ordinal)))
            .Where(space => space.Changes || !spaces.ContainsKey(space.Name)).Select(space => space.Name).Distinct(StringComparer.Ordinal).ToList())
        {
            spaces = await NamespaceReader.ReadAsync(db, space, cancellation) is [var read] ? spaces.SetItem(space, read) : spaces.Remove(space);
            if (before.Namespaces.GetValueOrDefault(space) is not { } known || known.IsPrivate == spaces.GetValueOrDefault(space)?.IsPrivate)
                continue;
            // What was made for everyone may no longer be shown to everyone.
            foreach (var entry in components.Values.Where(entry => entry.Namespace == space).ToList())
            {
                replaced.Add(entry);
                components = components.SetItem(entry.Subject, entry.Renewed());
            }
        }
        foreach (var subject in ofCatalog.Select(entry => entry.Subject).Distinct(StringComparer.Ordinal))
        {
            if (subject.Split('/', 2) is not [var space, var name])
                continue;
            if (components.GetValueOrDefault(subject) is { } known)
                replaced.Add(known);
            components = await CatalogReader.ReadAsync(db, space, name, cancellation) is { } entry
                ? components.SetItem(subject, entry)
                : components.Remove(subject);
        }
        return (new CatalogSnapshot(events[^1].Serial, components, spaces)
        {
            ChangedAt = ofCatalog.FindLast(entry => entry.Subject.Contains('/', StringComparison.Ordinal))?.Serial ?? before.ChangedAt,
        }, replaced);
    }

    private void Tell(IEnumerable<SeenEvent> events)
    {
        if (Seen is not { } told)
            return;
        foreach (var entry in events)
            told(entry);
    }

    private static SeenEvent ToSeen(RegistryEvent entry) => new(entry.Serial, entry.Kind, entry.Subject);

    private void Publish(CatalogSnapshot snapshot, IEnumerable<ComponentEntry> replaced)
    {
        if (ReferenceEquals(snapshot, _current))
            return;
        var before = _current;
        _current = snapshot;
        // After the swap: an answer made meanwhile from the old state is born stale.
        foreach (var changed in replaced)
            changed.Freshness.End();
        before.Freshness.End();
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _loaded.Task.WaitAsync(stoppingToken);
        // What loading a large catalog left behind is several times what stays; the system gets it back now, not when memory is short.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var timer = new PeriodicTimer(Interval, _clock);
        var failing = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var serial = await _database.ReadAsync(db => db.EventHeads.Select(head => head.Serial).SingleAsync(stoppingToken), stoppingToken);
                await CatchUpAsync(serial, [], stoppingToken);
                Interlocked.Exchange(ref _lookedAt, _clock.GetTimestamp());
                _metrics.SnapshotSeen(Current.Serial);
                failing = false;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                if (!failing)
                    LogStale(_logger, fault);
                failing = true;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Definitions stay in memory, because no file for them could be written in the data folder.")]
    private static partial void LogTextsInMemory(ILogger logger, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The catalog cannot follow the database; readers go on with what is in memory.")]
    private static partial void LogStale(ILogger logger, Exception fault);
}

/// <summary>An event as those see it that keep something in memory.</summary>
public sealed record SeenEvent(long Serial, string Kind, string Subject);
