using System.Collections.Concurrent;

namespace Claimed.Registry.Storage.Snapshot;

/// <summary>
/// The last event of each component and namespace, from the events once and then from each as it comes: every node gives out the same
/// serials, and the same node after a restart.
/// </summary>
public sealed class ComponentSerials
{
    private readonly RegistryDatabase _database;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly ConcurrentDictionary<string, long> _last = new(StringComparer.Ordinal);
    private volatile bool _isLoaded;

    public ComponentSerials(RegistryDatabase database, SnapshotFeed feed)
    {
        _database = database;
        feed.Seen += Note;
    }

    /// <summary>False as long as the database has not told of what was before this process.</summary>
    public async Task<bool> TryLoadAsync(CancellationToken cancellation)
    {
        if (_isLoaded)
            return true;
        await _one.WaitAsync(cancellation);
        try
        {
            if (_isLoaded)
                return true;
            var all = await _database.ReadAsync(db => db.QueryAsync(
                $"""SELECT "Subject", "Kind", MAX("Serial") FROM events GROUP BY "Subject", "Kind" """,
                row => new SeenEvent(row.GetInt64(2), row.GetString(1), row.GetString(0)), cancellation), cancellation);
            foreach (var entry in all)
                Note(entry);
            return _isLoaded = true;
        }
        catch (Exception away) when (DatabaseFaults.IsAway(away))
        {
            return false;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Of a component, or of a namespace with all that decides who sees it; 0 for none.</summary>
    public long Of(string subject) => _last.GetValueOrDefault(subject);

    /// <summary>The last event of any namespace itself: its making, its visibility, its members.</summary>
    public long OfNamespaces { get; private set; }

    /// <summary>Components and what was one, with an event after this one.</summary>
    public IEnumerable<string> After(long serial) => _last.Where(entry => entry.Value > serial).Select(entry => entry.Key);

    private void Note(SeenEvent entry)
    {
        // Neither images nor tokens and people change what a catalog shows.
        if (entry.Kind.StartsWith(SnapshotFeed.ImageKinds, StringComparison.Ordinal) || entry.Kind.StartsWith(SnapshotFeed.AccessKinds, StringComparison.Ordinal))
            return;
        if (entry.Subject.Contains('/', StringComparison.Ordinal))
            _last.AddOrUpdate(entry.Subject, entry.Serial, (_, known) => Math.Max(known, entry.Serial));
        else
            OfNamespaces = Math.Max(OfNamespaces, entry.Serial);
    }
}
