using System.Collections.Concurrent;
using Claimed.Components.Wheels;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Wheels;

/// <summary>
/// The wheels of namespaces. One is made when somebody asks for the first time after its content changed, and stored; it stays as it is, also when
/// writers change later. Nodes that make the same one at once make the same bytes, and the row of the first counts.
/// </summary>
public sealed class NamespaceWheels(RegistryDatabase database, IBlobStore blobs, SnapshotFeed feed, RegistryUrls urls)
{
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _one = new(1, 1);

    private sealed record Known(IReadOnlyList<StoredWheel> Wheels, Freshness Until);

    /// <summary>All wheels of a namespace that exists, newest first, the first being made now if need be; none when it has no component that is ready.</summary>
    public async Task<IReadOnlyList<StoredWheel>> OfAsync(string space, CancellationToken cancellation)
    {
        if (_known.TryGetValue(space, out var known) && !known.Until.IsOver)
            return known.Wheels;
        await _one.WaitAsync(cancellation);
        try
        {
            if (_known.TryGetValue(space, out known) && !known.Until.IsOver)
                return known.Wheels;
            var until = feed.Current.Freshness;
            var wheels = await MakeAsync(space, cancellation);
            _known[space] = new Known(wheels, until);
            return wheels;
        }
        catch (Exception fault) when (known is not null && DatabaseFaults.IsAway(fault))
        {
            // Reading goes on from memory, here as elsewhere.
            return known.Wheels;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Inside the transaction that purges a version: no wheel that has its texts stays. Returns the digests of what is no longer named.</summary>
    public static async Task<IReadOnlyList<string>> RemoveAsync(Change change, string space, string subject, string number)
    {
        if (await NamespaceContent.ReadyAsync(change.Db, subject, number, change.Cancellation) is not { } ready)
            return [];
        var wheels = change.Db.Wheels.Where(row => row.Namespace!.Name == space && row.Serial >= ready);
        var digests = await wheels.Select(row => new { row.Digest, row.PackageDigest }).ToListAsync(change.Cancellation);
        await wheels.ExecuteDeleteAsync(change.Cancellation);
        return [.. digests.SelectMany(row => new[] { row.Digest, row.PackageDigest })];
    }

    private async Task<IReadOnlyList<StoredWheel>> MakeAsync(string space, CancellationToken cancellation)
    {
        // A purge may come between two looks, and take what was just made.
        while (true)
        {
            var (id, serial, stored) = await database.ReadAsync(async db =>
            {
                var id = await db.Namespaces.Where(row => row.Name == space).Select(row => (long?)row.Id).SingleOrDefaultAsync(cancellation);
                return id is null
                    ? (0, 0, [])
                    : (id.Value, await NamespaceContent.SerialAsync(db, id.Value, space, cancellation),
                        await db.Wheels.Where(row => row.NamespaceId == id).OrderByDescending(row => row.Serial).ToListAsync(cancellation));
            }, cancellation);
            if (serial == 0 || (stored is [var newest, ..] && newest.Serial >= serial))
                return stored;
            var content = await database.ReadAsync(db => NamespaceContent.ReadAsync(db, id, space, urls, cancellation), cancellation);
            if (content.Versions.Count == 0)
                return stored;
            await StoreAsync(id, await WriteAsync(space, content, cancellation), cancellation);
        }
    }

    /// <summary>Blobs first, as everywhere.</summary>
    private async Task<StoredWheel> WriteAsync(string space, NamespaceContent content, CancellationToken cancellation)
    {
        var wheel = ProviderWheel.Write(space, content.Serial, content.Versions);
        var package = ProviderWheel.WritePackage(space, content.Versions);
        var row = new StoredWheel
        {
            Serial = content.Serial,
            Digest = Digest.Of(wheel),
            Size = wheel.Length,
            RequiresPython = ProviderWheel.RequiresPython,
            PackageDigest = Digest.Of(package),
        };
        await Task.WhenAll(blobs.PutAsync(row.Digest, wheel, cancellation), blobs.PutAsync(row.PackageDigest, package, cancellation));
        return row;
    }

    /// <summary>Of nodes that made it at once the first writes the row, and all have the same bytes.</summary>
    private Task StoreAsync(long space, StoredWheel made, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        change.Names(made.Digest);
        change.Names(made.PackageDigest);
        await change.Db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO wheels ("NamespaceId", "Serial", "Digest", "Size", "RequiresPython", "PackageDigest", "CreatedAt")
            SELECT "Id", {made.Serial}, {made.Digest}, {made.Size}, {made.RequiresPython}, {made.PackageDigest}, {change.Now} FROM namespaces WHERE "Id" = {space}
            ON CONFLICT DO NOTHING
            """, change.Cancellation);
    }, cancellation);
}
