using System.Collections.Concurrent;
using System.Globalization;
using Claimed.Database;
using Claimed.Database.Images;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images.Proxies;

/// <summary>
/// Keeps what a proxy holds below its bound, manifests and what is on its way included: before something comes, what nobody used for longest
/// goes. Of several nodes each knows only what is on its own way.
/// </summary>
public sealed class ProxyRoom(RegistryDatabase database, IBlobStore blobs, TimeProvider clock)
{
    /// <summary>Somebody may just have stored the same bytes elsewhere and be about to name them; what is younger is left to the collection.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>Room is made for more than is needed, so that it is not made for each blob anew.</summary>
    private const double Spare = 0.05;

    private const int Batch = 200;

    // Two at once would both see the same room.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrentDictionary<(string Space, string Digest), long> _coming = new();

    private sealed record Held(string Repository, string Digest, long Size, long Used, bool IsManifest);

    /// <summary>Makes room and keeps it until it is given back.</summary>
    /// <exception cref="TransferException">It alone is larger than the bound.</exception>
    public async Task TakeAsync(ProxyOptions proxy, string digest, long size)
    {
        if (size > proxy.MaxBytes)
            throw new TransferException(TooLarge(proxy, digest, size));
        await _turn.WaitAsync();
        try
        {
            var coming = _coming.Where(one => one.Key.Space == proxy.Namespace && one.Key.Digest != digest).Sum(one => one.Value);
            var most = proxy.MaxBytes - coming - size;
            if (await database.ReadAsync(db => BytesAsync(db, proxy.Namespace), CancellationToken.None) > most)
                await RemoveAsync(proxy, await LeavingAsync(proxy, most - (long)(proxy.MaxBytes * Spare)));
            _coming[(proxy.Namespace, digest)] = size;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What was on its way is stored, or does not come.</summary>
    public void GiveBack(ProxyOptions proxy, string digest) => _coming.TryRemove((proxy.Namespace, digest), out _);

    public static string TooLarge(ProxyOptions proxy, string digest, long size) => string.Create(CultureInfo.InvariantCulture,
        $"{digest} of {proxy.Upstream} has {size} bytes, and {proxy.Namespace} may hold {proxy.MaxBytes} of all its images (Images__Proxies__…__MaxBytes). Ask the operator for more room.");

    private static async Task<long> BytesAsync(RegistryContext db, string space) =>
        await Blobs(db, space).GroupBy(row => row.Digest).Select(same => same.Max(row => row.Size)).SumAsync() + await Manifests(db, space).SumAsync(row => row.Size);

    /// <summary>Those that nobody used for longest, until the rest has this many bytes.</summary>
    private Task<List<Held>> LeavingAsync(ProxyOptions proxy, long goal) => database.ReadAsync(async db =>
    {
        var held = await Blobs(db, proxy.Namespace).Join(db.Repositories, row => row.RepositoryId, owner => owner.Id, (row, owner) => new Held(owner.Name, row.Digest, row.Size, row.CreatedAt, false)).ToListAsync();
        held.AddRange(await Manifests(db, proxy.Namespace).Join(db.Repositories, row => row.RepositoryId, owner => owner.Id, (row, owner) => new Held(owner.Name, row.Digest, row.Size, row.CreatedAt, true)).ToListAsync());
        var byUse = held.GroupBy(one => one.Digest, StringComparer.Ordinal).OrderBy(same => same.Max(one => one.Used)).ToList();
        var total = byUse.Sum(same => same.Max(one => one.Size));
        var leaving = new List<Held>();
        foreach (var same in byUse.TakeWhile(_ => total > goal))
        {
            leaving.AddRange(same);
            total -= same.Max(one => one.Size);
        }
        return leaving;
    }, CancellationToken.None);

    private async Task RemoveAsync(ProxyOptions proxy, List<Held> leaving)
    {
        foreach (var owned in leaving.GroupBy(one => one.Repository, StringComparer.Ordinal).OrderBy(owned => owned.Key, StringComparer.Ordinal))
            await database.ChangeAsync(change => RemoveAsync(change, owned.Key, [.. owned]), CancellationToken.None);
        // Before the look at the rows: one that comes later names what was touched later.
        var idle = clock.GetUtcNow() - Margin;
        var named = await database.ReadAsync(db => NamedBlobs.SetAsync(db, CancellationToken.None), CancellationToken.None);
        foreach (var digest in leaving.Select(one => one.Digest).Distinct(StringComparer.Ordinal).Where(digest => !named.Contains(NamedBlobs.Short(digest))))
            await blobs.DeleteIdleAsync(digest, idle, CancellationToken.None);
    }

    private static async Task RemoveAsync(Change change, string repository, IReadOnlyList<Held> leaving)
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return;
        foreach (var some in leaving.Where(one => !one.IsManifest).Select(one => one.Digest).Chunk(Batch))
            await NamespaceUse.RemoveBlobsAsync(change, repository, id, some);
        foreach (var some in leaving.Where(one => one.IsManifest).Select(one => one.Digest).Chunk(Batch))
        {
            await change.Db.Tags.Where(row => row.RepositoryId == id && some.Contains(row.ManifestDigest)).ExecuteDeleteAsync(change.Cancellation);
            await change.Db.ImageReferences.Where(row => row.RepositoryId == id && some.Contains(row.ManifestDigest)).ExecuteDeleteAsync(change.Cancellation);
            await NamespaceUse.RemoveManifestsAsync(change, repository, id, some);
            foreach (var digest in some)
                change.Tell(ImageEvents.Deleted, repository, new { digest });
        }
    }

    private static IQueryable<RepositoryBlob> Blobs(RegistryContext db, string space) => db.RepositoryBlobs.Where(row => db.RepositoriesOf(space).Any(owner => owner.Id == row.RepositoryId));

    private static IQueryable<ImageManifest> Manifests(RegistryContext db, string space) => db.Manifests.Where(row => db.RepositoriesOf(space).Any(owner => owner.Id == row.RepositoryId));
}
