using System.Collections.Concurrent;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images.Browse;

/// <summary>Counts fetched manifests. Of an image that versions have, a pull is a read of each of them.</summary>
public sealed class PullCounts(RegistryDatabase database, TimeProvider clock, ILogger<PullCounts> logger) : BatchedCounts(clock, logger)
{
    private readonly ConcurrentDictionary<(string Repository, string Digest), long> _counts = new();

    /// <summary>Counts a manifest that is about to be sent; a HEAD is a look and no pull.</summary>
    public void Count(HttpRequest request, KeptManifest manifest)
    {
        if (HttpMethods.IsGet(request.Method))
            _counts.AddOrUpdate((manifest.Repository, manifest.Digest), 1, static (_, count) => count + 1);
    }

    public override async Task StoreAsync()
    {
        var taken = new List<(string Repository, string Digest, long Count)>();
        foreach (var key in _counts.Keys)
        {
            if (_counts.TryRemove(key, out var count))
                taken.Add((key.Repository, key.Digest, count));
        }
        if (taken.Count == 0)
            return;
        // A transaction for each repository: whoever pushes to one does not wait for all.
        var left = taken.GroupBy(pull => pull.Repository, StringComparer.Ordinal).ToList();
        try
        {
            while (left.Count > 0)
            {
                await database.ChangeAsync(change => AddAsync(change, left[^1].Key, [.. left[^1]]), CancellationToken.None);
                left.RemoveAt(left.Count - 1);
            }
        }
        catch
        {
            foreach (var (repository, digest, count) in left.SelectMany(one => one))
                _counts.AddOrUpdate((repository, digest), count, (_, since) => since + count);
            throw;
        }
    }

    private static async Task AddAsync(Change change, string repository, IReadOnlyList<(string Repository, string Digest, long Count)> pulls)
    {
        var total = pulls.Sum(pull => pull.Count);
        await change.Db.Repositories.Where(row => row.Name == repository).ExecuteUpdateAsync(row => row.SetProperty(found => found.Pulls, found => found.Pulls + total), change.Cancellation);
        foreach (var (_, digest, count) in pulls.OrderBy(pull => pull.Digest, StringComparer.Ordinal))
        {
            await change.Db.Manifests.Where(row => row.Digest == digest && change.Db.Repositories.Any(owner => owner.Id == row.RepositoryId && owner.Name == repository))
                    .ExecuteUpdateAsync(row => row.SetProperty(found => found.Pulls, found => found.Pulls + count), change.Cancellation);
            await ReadRows.AddPullsAsync(change, repository, digest, ReadClient.Docker, count);
        }
    }
}
