using Claimed.Components.Wheels;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Wheels;

/// <summary>Makes the wheel of what a namespace has now, and stores it. Nodes that make the same one at once make the same bytes, and the row of the first counts.</summary>
public sealed class WheelMaking(RegistryDatabase database, IBlobStore blobs, RegistryUrls urls, TimeProvider clock)
{
    // Above what the clocks of a node and a store differ by.
    private static readonly TimeSpan JustPut = TimeSpan.FromMinutes(5);

    /// <returns>False when there is nothing to make one of. Else one is there, or the content has changed meanwhile.</returns>
    internal async Task<bool> RunAsync(long id, string space, CancellationToken cancellation)
    {
        var content = await database.ReadAsync(db => NamespaceContent.ReadAsync(db, id, space, urls, cancellation), cancellation);
        if (content.Versions.Count == 0)
            return false;
        var made = await WriteAsync(space, content, cancellation);
        if (!await StoreAsync(id, space, made, cancellation))
            await DropAsync([made.Digest, made.PackageDigest], cancellation);
        return true;
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

    /// <summary>A purge that came since the content was read has moved the serial: with the namespace's row held, none can come between that look and the row.</summary>
    private Task<bool> StoreAsync(long id, string space, StoredWheel made, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        await NamespaceWheels.LockAsync(change, space);
        if (await NamespaceContent.SerialAsync(change.Db, id, space, change.Cancellation) != made.Serial)
        {
            change.Abandon();
            return false;
        }
        change.Names(made.Digest);
        change.Names(made.PackageDigest);
        await change.Db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO wheels ("NamespaceId", "Serial", "Digest", "Size", "RequiresPython", "PackageDigest", "CreatedAt", "Kept")
            SELECT "Id", {made.Serial}, {made.Digest}, {made.Size}, {made.RequiresPython}, {made.PackageDigest}, {change.Now}, {false} FROM namespaces WHERE "Id" = {id}
            ON CONFLICT DO NOTHING
            """, change.Cancellation);
        return true;
    }, cancellation);

    /// <summary>They may have what was purged meanwhile, and the purge knew nothing of them.</summary>
    private async Task DropAsync(IReadOnlyList<string> digests, CancellationToken cancellation)
    {
        foreach (var digest in digests)
        {
            if (!await database.ReadAsync(db => NamedBlobs.IsNamedAsync(db, digest, cancellation), cancellation))
                await blobs.DeleteIdleAsync(digest, clock.GetUtcNow() + JustPut, cancellation);
        }
    }
}
