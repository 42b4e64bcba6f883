using System.Collections.Concurrent;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>
/// The last event of each component, from the events once and then from each as it comes: every node gives out the same serials, and the
/// same node after a restart.
/// </summary>
public sealed class ComponentSerials : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly RegistryDatabase _database;
    private readonly Readiness _readiness;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, long> _last = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _ofNamespaces;
    private volatile bool _isAway;

    public ComponentSerials(RegistryDatabase database, SnapshotFeed feed, Readiness readiness, TimeProvider clock)
    {
        (_database, _readiness, _clock) = (database, readiness, clock);
        feed.Seen += Note;
    }

    /// <summary>The last event of any namespace itself: its making, its visibility, its members.</summary>
    public long OfNamespaces => Interlocked.Read(ref _ofNamespaces);

    /// <summary>Of <c>namespace/name</c>; 0 for none.</summary>
    public long Of(string subject) => _last.GetValueOrDefault(subject);

    /// <summary>False as long as the database has not told of what was before this process; a process that has just begun is given a moment.</summary>
    public async ValueTask<bool> AreKnownAsync(CancellationToken cancellation)
    {
        if (_loaded.Task.IsCompletedSuccessfully)
            return true;
        if (_isAway)
            return false;
        try
        {
            await _loaded.Task.WaitAsync(Patience, _clock, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A node may start before its database has a schema.
        await _readiness.Loaded.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Pause, _clock);
        do
        {
            try
            {
                foreach (var entry in await _database.ReadAsync(db => db.QueryAsync($"""SELECT "Subject", "Kind", MAX("Serial") FROM events GROUP BY "Subject", "Kind" """,
                    row => new SeenEvent(row.GetInt64(2), row.GetString(1), row.GetString(0)), stoppingToken), stoppingToken))
                    Note(entry);
                _loaded.SetResult();
                return;
            }
            // Whoever reads the whole catalog gets it meanwhile; that the database is away is told elsewhere.
            catch (Exception away) when (DatabaseFaults.IsAway(away))
            {
                _isAway = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Note(SeenEvent entry)
    {
        // Neither images nor tokens and people change what a catalog shows.
        if (entry.Kind.StartsWith(SnapshotFeed.ImageKinds, StringComparison.Ordinal) || entry.Kind.StartsWith(SnapshotFeed.AccessKinds, StringComparison.Ordinal))
            return;
        if (entry.Subject.Contains('/', StringComparison.Ordinal))
            _last.AddOrUpdate(entry.Subject, entry.Serial, (_, known) => Math.Max(known, entry.Serial));
        else
            InterlockedMax(entry.Serial);
    }

    private void InterlockedMax(long serial)
    {
        for (var known = OfNamespaces; known < serial; known = OfNamespaces)
            Interlocked.CompareExchange(ref _ofNamespaces, serial, known);
    }
}
