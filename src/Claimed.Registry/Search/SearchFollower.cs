using Claimed.Components.Renditions;
using Claimed.Database.Search;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Search;

/// <summary>
/// Brings the index after the catalog. It reads which components events name since the one that the head says, makes their words from the catalog in
/// memory, and moves the head in the transaction that writes them: a process that dies anywhere has lost nothing, for the next one begins at the same
/// event, and writing the same words again changes nothing. Why not in the transaction of the change: a README lies in the blob store, and no
/// transaction waits for that; and whatever changes what a component shows, today or later, tells an event of it already.
/// </summary>
internal sealed partial class SearchFollower(
    RegistryDatabase database, SnapshotFeed feed, ISearchIndex index, IBlobStore blobs, Readiness readiness, TimeProvider clock, ILogger<SearchFollower> logger) : BackgroundService
{
    private const int PerTransaction = 100;

    // Several changes are followed at once, unless a search waits for the first.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Wake _hurry = new();
    private long _position = SearchHead.Nothing;

    // While it cannot follow, or another program does, there is nothing to wait for.
    private volatile bool _follows = true;
    private volatile Freshness _words = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until the index has what events up to this one changed, or the time is over; false then.</summary>
    public async Task<bool> WaitForAsync(long serial, TimeSpan limit, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var moved = Volatile.Read(ref _moved).Task;
            if (Position >= serial)
                return true;
            var left = limit - clock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || !_follows)
                return false;
            _hurry.Now();
            try
            {
                await moved.WaitAsync(left, clock, cancellation);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    /// <summary>What events up to this one changed is in the index; the head that the index has itself may lie behind, for what changed no component is not written.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>Holds until words are found that were missing, which no event tells of.</summary>
    public Freshness Freshness => _words;

    /// <summary>Follows once, up to what this process has in memory now.</summary>
    public async Task FollowAsync(CancellationToken cancellation)
    {
        var catalog = feed.Current;
        var head = await database.ReadAsync(db => SearchRows.HeadAsync(db, cancellation), cancellation);
        // A newer program keeps the index now.
        if (head.Format > SearchText.Format)
        {
            _follows = false;
            MoveTo(head.Serial);
            return;
        }
        _follows = true;
        if (head.Format < SearchText.Format || head.Serial < 0)
        {
            LogAnew(logger, catalog.Components.Count);
            if (await WriteAsync(catalog, head, [.. catalog.Components.Values], cancellation))
                MoveTo(catalog.Serial);
            return;
        }
        if (head.Serial < catalog.Serial)
        {
            var subjects = await database.ReadAsync(db => db.QueryAsync(
                $"""
                SELECT DISTINCT "Subject" FROM events WHERE "Serial" > {head.Serial} AND "Serial" <= {catalog.Serial} AND "Subject" LIKE '%/%'
                  AND "Kind" NOT LIKE {SnapshotFeed.ImageKinds + "%"} AND "Kind" NOT LIKE {SnapshotFeed.AccessKinds + "%"}
                """, row => row.GetString(0), cancellation), cancellation);
            var changed = subjects.Select(subject => catalog.Components.GetValueOrDefault(subject)).OfType<ComponentEntry>().OrderBy(component => component.Id).ToList();
            // What changed no component is no reason to write; the next that does moves the head past it.
            if (changed.Count > 0 && !await WriteAsync(catalog, head, changed, cancellation))
                return;
        }
        MoveTo(Math.Max(catalog.Serial, head.Serial));
    }

    /// <summary>Tries again what an earlier look could not read: a disk that did not answer then, a blob that was mended since.</summary>
    public async Task CompleteAsync(CancellationToken cancellation)
    {
        var catalog = feed.Current;
        var (head, partial) = await database.ReadAsync(async db => (await SearchRows.HeadAsync(db, cancellation), await SearchRows.PartialAsync(db, cancellation)), cancellation);
        var whole = new List<SearchText>();
        foreach (var component in catalog.Components.Values.Where(component => partial.Contains(component.Id)).Take(PerTransaction))
        {
            if (await TextAsync(component, cancellation) is { IsPartial: false } text)
                whole.Add(text);
        }
        if (whole.Count == 0 || !await WriteAsync(head, whole, catalog.Serial, null, cancellation))
            return;
        var before = _words;
        _words = new Freshness();
        before.End();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.Loaded.WaitAsync(stoppingToken);
        var (failing, completed) = (false, clock.GetTimestamp());
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
                if (_follows && clock.GetElapsedTime(completed) >= Pause)
                {
                    await CompleteAsync(stoppingToken);
                    completed = clock.GetTimestamp();
                }
                failing = false;
                var position = Position;
                if (await feed.WaitForAsync(catalog => catalog.Serial > position ? catalog : null, Pause, stoppingToken) is not null)
                    await _hurry.WaitAsync(Gathering, stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failing)
                    LogBehind(logger, fault);
                failing = true;
                _follows = false;
                Release();
                await Task.Delay(AfterFault, clock, stoppingToken);
            }
        }
    }

    /// <summary>Writes the words of these components, and moves the head with the last of them. False: another process was faster.</summary>
    private async Task<bool> WriteAsync(CatalogSnapshot catalog, SearchHead head, IReadOnlyList<ComponentEntry> components, CancellationToken cancellation)
    {
        for (var start = 0; start == 0 || start < components.Count; start += PerTransaction)
        {
            var texts = new List<SearchText>();
            foreach (var component in components.Skip(start).Take(PerTransaction))
                texts.Add(await TextAsync(component, cancellation));
            var isLast = start + PerTransaction >= components.Count;
            if (!await WriteAsync(head, texts, catalog.Serial, isLast ? catalog.Serial : null, cancellation))
                return false;
        }
        return true;
    }

    private Task<bool> WriteAsync(SearchHead head, IReadOnlyList<SearchText> texts, long serial, long? moveTo, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        var now = await SearchRows.HoldAsync(change);
        if ((now.Serial, now.Format) != (head.Serial, head.Format))
            return false;
        await SearchRows.WriteAsync(change, index, texts, serial);
        if (moveTo is { } next)
            await SearchRows.MoveAsync(change, next);
        return true;
    }, cancellation);

    /// <summary>Of what can be read: without its README a component is found by the rest, until <see cref="CompleteAsync"/> has it.</summary>
    private async Task<SearchText> TextAsync(ComponentEntry component, CancellationToken cancellation)
    {
        if (component.Shown is not { } shown || !shown.Renditions.TryGetValue(RenditionForm.Readme, out var readme))
            return SearchText.Of(component, component.Shown, null);
        try
        {
            return SearchText.Of(component, shown, await blobs.ReadAllAsync(readme.Digest, cancellation));
        }
        catch (BlobLostException)
        {
            return SearchText.Of(component, shown, null) with { Digest = "" };
        }
    }

    private void MoveTo(long serial)
    {
        Interlocked.Exchange(ref _position, serial);
        Release();
    }

    /// <summary>Has whoever waits look again.</summary>
    private void Release() => Interlocked.Exchange(ref _moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    [LoggerMessage(Level = LogLevel.Information, Message = "The search index of {Count} components is made anew.")]
    private static partial void LogAnew(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The search index cannot follow the catalog; searches find what it has, and it goes on by itself.")]
    private static partial void LogBehind(ILogger logger, Exception fault);
}
