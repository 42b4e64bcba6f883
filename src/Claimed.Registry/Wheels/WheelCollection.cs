using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Wheels;

/// <summary>
/// Removes the wheels that nobody was told of by their number, once there is a newer one, and the archives for Elyra of all but the newest. What
/// an index has listed or a client has downloaded by its number stays for ever: somebody may have pinned it.
/// </summary>
public sealed class WheelCollection(RegistryDatabase database)
{
    /// <summary>Rows and names alone; the blobs are for the collection of blobs.</summary>
    /// <param name="madeBefore">What takes the place of another is older than that: nodes may still give the other one until they have seen it.</param>
    public async Task<Collected> CollectAsync(DateTimeOffset madeBefore, bool countOnly, CancellationToken cancellation)
    {
        var time = madeBefore.ToUnixTimeMilliseconds();
        if (countOnly)
            return Told(await database.ReadAsync(db => db.Wheels.CountAsync(row => !row.Kept
                && db.Wheels.Any(newer => newer.NamespaceId == row.NamespaceId && newer.Serial > row.Serial && newer.CreatedAt < time), cancellation), cancellation));
        return Told(await database.ChangeAsync(async change =>
        {
            var passed = change.Db.Wheels.Where(row => change.Db.Wheels.Any(newer => newer.NamespaceId == row.NamespaceId && newer.Serial > row.Serial && newer.CreatedAt < time));
            await passed.Where(row => row.PackageDigest != "").ExecuteUpdateAsync(set => set.SetProperty(row => row.PackageDigest, ""), change.Cancellation);
            return await passed.Where(row => !row.Kept).ExecuteDeleteAsync(change.Cancellation);
        }, cancellation));
    }

    private static Collected Told(int count) => new("wheels that no list had", count, 0);
}
