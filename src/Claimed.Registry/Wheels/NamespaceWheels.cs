using System.Collections.Concurrent;
using Claimed.Database;
using Claimed.Database.Catalog;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Wheels;

/// <summary>
/// The wheels of namespaces. One is made when somebody asks for the first time after its content changed, and stored as it is, also when writers
/// change later. One that was listed or downloaded by its number is kept; one that only <c>latest</c> gave goes with a collection once there is a newer.
/// </summary>
public sealed class NamespaceWheels(RegistryDatabase database, WheelMaking making, SnapshotFeed feed, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    // A list from before is better than none, but one that lacks what was just published is for a database that is away alone.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<StoredWheel>>>> _underWay = new(StringComparer.Ordinal);
    private readonly PatientReads _reads = new(database, clock, Patience);

    private sealed record Known(IReadOnlyList<StoredWheel> Wheels, IReadOnlyList<ComponentEntry> Components, Freshness Until);

    /// <summary>The wheels that lists have, newest first, kept from now on; none when the namespace has no component that is ready.</summary>
    public async Task<IReadOnlyList<StoredWheel>> OfAsync(string space, CancellationToken cancellation)
    {
        while (true)
        {
            var all = await AllAsync(space, cancellation);
            if (all.Count == 0 || await KeepAsync(space, all[0], cancellation))
                return [.. all.Where(wheel => wheel.Kept)];
        }
    }

    /// <summary>The newest, which is for those who come back for the next one.</summary>
    public async Task<StoredWheel?> NewestAsync(string space, CancellationToken cancellation) => (await AllAsync(space, cancellation)).FirstOrDefault();

    /// <summary>The one that a name means, kept from now on.</summary>
    public async Task<StoredWheel?> FindAsync(string space, Func<StoredWheel, bool> isMeant, CancellationToken cancellation)
    {
        while (true)
        {
            var found = (await AllAsync(space, cancellation)).FirstOrDefault(isMeant);
            if (found is null || await KeepAsync(space, found, cancellation))
                return found;
        }
    }

    /// <summary>Inside the transaction that purges a version: no wheel that has its texts stays. Returns the digests of what is no longer named.</summary>
    public static async Task<IReadOnlyList<string>> RemoveAsync(Change change, string space, string subject, string number)
    {
        // One that is being made with these texts is stored before, and removed here, or finds that there was a purge.
        await LockAsync(change, space);
        if (await NamespaceContent.ReadyAsync(change.Db, subject, number, change.Cancellation) is not { } ready)
            return [];
        var wheels = change.Db.Wheels.Where(row => row.Namespace!.Name == space && row.Serial >= ready);
        var digests = await wheels.Select(row => new { row.Digest, row.PackageDigest }).ToListAsync(change.Cancellation);
        await wheels.ExecuteDeleteAsync(change.Cancellation);
        return [.. digests.SelectMany(row => new[] { row.Digest, row.PackageDigest }).Where(digest => digest.Length > 0)];
    }

    /// <summary>The namespace's row is ours to the end of the transaction.</summary>
    internal static Task LockAsync(Change change, string space) => change.Db.Database.ExecuteSqlAsync($"""UPDATE namespaces SET "Name" = "Name" WHERE "Name" = {space}""", change.Cancellation);

    private async Task<IReadOnlyList<StoredWheel>> AllAsync(string space, CancellationToken cancellation)
    {
        if (Fresh(space) is { } known)
            return known;
        // What is under way may have begun before the change that this reader knows of; whatever begins after it has that.
        if (_underWay.TryGetValue(space, out var before))
        {
            await before.Value.WaitAsync(cancellation);
            if (Fresh(space) is { } made)
                return made;
        }
        return await _underWay.GetOrAdd(space, _ => new(() => Task.Run(() => RefreshAsync(space)))).Value.WaitAsync(cancellation);
    }

    /// <summary>Null when a component of the namespace has changed since they were read.</summary>
    private IReadOnlyList<StoredWheel>? Fresh(string space)
    {
        if (!_known.TryGetValue(space, out var known))
            return null;
        if (!known.Until.IsOver)
            return known.Wheels;
        var now = feed.Current;
        if (!known.Components.SequenceEqual(ComponentsOf(now, space), ReferenceEqualityComparer.Instance))
            return null;
        // Unless somebody has read anew meanwhile.
        _known.TryUpdate(space, known with { Until = now.Freshness }, known);
        return known.Wheels;
    }

    private static IEnumerable<ComponentEntry> ComponentsOf(CatalogSnapshot catalog, string space) => catalog.Components.Values.Where(component => component.Namespace == space);

    /// <summary>For all who ask at this moment, and to its end if they leave.</summary>
    private async Task<IReadOnlyList<StoredWheel>> RefreshAsync(string space)
    {
        try
        {
            // In the registry's own name: what it makes is nobody's change.
            Actor.Current = Actor.Registry;
            var now = feed.Current;
            var old = _known.GetValueOrDefault(space)?.Wheels;
            try
            {
                if (await CurrentAsync(space, waits: old is null, lifetime.ApplicationStopping) is not { } wheels)
                    return old!;
                _known[space] = new Known(wheels, [.. ComponentsOf(now, space)], now.Freshness);
                return wheels;
            }
            catch (Exception fault) when (old is not null && DatabaseFaults.IsAway(fault))
            {
                // Reading goes on from memory, here as elsewhere.
                return old;
            }
        }
        finally
        {
            _underWay.TryRemove(space, out _);
        }
    }

    /// <summary>As the database has them now, with one for the content of now. Null when it does not answer and the caller has something else to give.</summary>
    private async Task<IReadOnlyList<StoredWheel>?> CurrentAsync(string space, bool waits, CancellationToken cancellation)
    {
        // A purge may come between two looks, and take what was just made.
        while (true)
        {
            var state = waits
                ? await database.ReadAsync(db => StateAsync(db, space, cancellation), cancellation)
                : (await _reads.AskAsync((db, limit) => StateAsync(db, space, limit), cancellation)).Value;
            if (state is null)
                return null;
            if (state.Serial == 0 || (state.Stored is [var newest, ..] && newest.Serial >= state.Serial) || !await making.RunAsync(state.Id, space, cancellation))
                return state.Stored;
        }
    }

    private sealed record State(long Id, long Serial, IReadOnlyList<StoredWheel> Stored);

    private static async Task<State> StateAsync(RegistryContext db, string space, CancellationToken cancellation)
    {
        if (await db.Namespaces.Where(row => row.Name == space).Select(row => (long?)row.Id).SingleOrDefaultAsync(cancellation) is not { } id)
            return new State(0, 0, []);
        return new State(id, await NamespaceContent.SerialAsync(db, id, space, cancellation),
            await db.Wheels.AsNoTracking().Where(row => row.NamespaceId == id).OrderByDescending(row => row.Serial).ToListAsync(cancellation));
    }

    /// <summary>False when it is gone, and what is known has to be read again.</summary>
    private async Task<bool> KeepAsync(string space, StoredWheel wheel, CancellationToken cancellation)
    {
        if (wheel.Kept)
            return true;
        var isThere = await database.ChangeAsync(change => change.Db.Wheels.Where(row => row.NamespaceId == wheel.NamespaceId && row.Serial == wheel.Serial)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Kept, true), change.Cancellation), cancellation) > 0;
        wheel.Kept = isThere;
        if (!isThere)
            _known.TryRemove(space, out _);
        return isThere;
    }
}
