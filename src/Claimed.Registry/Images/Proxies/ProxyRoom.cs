using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images.Proxies;

/// <summary>Keeps what a proxy holds below its bound: before a blob is kept, those that nobody used for longest go.</summary>
public sealed class ProxyRoom(RegistryDatabase database, IBlobStore blobs, TimeProvider clock)
{
    /// <summary>Somebody may just have stored the same bytes elsewhere and be about to name them; what is younger is left to the collection.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    /// <summary>Room is made for more than is needed, so that it is not made for each blob anew.</summary>
    private const double Spare = 0.05;

    private const int Batch = 200;

    // Two at once would both see the same room.
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>False when the blob alone is larger than the bound.</summary>
    public async Task<bool> MakeAsync(ProxyOptions proxy, long size)
    {
        if (size > proxy.MaxBytes)
            return false;
        await _turn.WaitAsync();
        try
        {
            var held = await database.ReadAsync(db => Held(db, proxy.Namespace).GroupBy(row => row.Digest)
                .Select(same => new { Digest = same.Key, Size = same.Max(row => row.Size), Used = same.Max(row => row.CreatedAt) })
                .OrderBy(row => row.Used).ToListAsync(), CancellationToken.None);
            var total = held.Sum(row => row.Size);
            if (total + size <= proxy.MaxBytes)
                return true;
            var goal = Math.Max(0, proxy.MaxBytes - size - (long)(proxy.MaxBytes * Spare));
            var leaving = new List<string>();
            foreach (var row in held.TakeWhile(_ => total > goal))
            {
                leaving.Add(row.Digest);
                total -= row.Size;
            }
            await RemoveAsync(proxy, leaving);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task RemoveAsync(ProxyOptions proxy, List<string> digests)
    {
        await database.ChangeAsync(async change =>
        {
            var rows = await Held(change.Db, proxy.Namespace).Where(row => digests.Contains(row.Digest))
                .Join(change.Db.Repositories, row => row.RepositoryId, owner => owner.Id, (row, owner) => new { owner.Name, row.Digest }).ToListAsync(change.Cancellation);
            foreach (var repository in rows.GroupBy(row => row.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                if (await change.LockRepositoryAsync(repository.Key) is not { } id)
                    continue;
                foreach (var some in repository.Select(row => row.Digest).Chunk(Batch))
                    await NamespaceUse.RemoveBlobsAsync(change, repository.Key, id, some);
            }
        }, CancellationToken.None);
        var named = await database.ReadAsync(db => NamedBlobs.SetAsync(db, CancellationToken.None), CancellationToken.None);
        foreach (var digest in digests.Where(digest => !named.Contains(NamedBlobs.Short(digest))))
            await blobs.DeleteIdleAsync(digest, clock.GetUtcNow() - Margin, CancellationToken.None);
    }

    private static IQueryable<Database.Images.RepositoryBlob> Held(Database.RegistryContext db, string space)
    {
        var prefix = space + "/";
        return db.RepositoryBlobs.Where(row => db.Repositories.Any(owner => owner.Id == row.RepositoryId && owner.Name.StartsWith(prefix)));
    }
}
