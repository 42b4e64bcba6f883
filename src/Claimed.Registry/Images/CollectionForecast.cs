using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images;

/// <summary>How many there are of one kind, and how large they are together.</summary>
internal sealed class CollectedSum
{
    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public void Add(long size)
    {
        Count++;
        Bytes += size;
    }
}

/// <summary>
/// Works out what a collection would take from a repository without taking anything: in memory, because what goes after an index has gone
/// is still there for the database. The rules are those of <see cref="ImageCollection"/>; a test holds the two against each other.
/// </summary>
internal sealed class CollectionForecast(RegistryDatabase database, IBlobStore blobs)
{
    private sealed record Row(string Digest, long Size, string? Subject);

    public async Task AddAsync(long repository, DateTimeOffset idleSince, CollectedSum manifests, CollectedSum visible, CancellationToken cancellation)
    {
        var before = idleSince.ToUnixTimeMilliseconds();
        var (all, old, users, kept, oldBlobs) = await database.ReadAsync(async db =>
        {
            var rows = await db.Manifests.Where(row => row.RepositoryId == repository).Select(row => new { Row = new Row(row.Digest, row.Size, row.Subject), row.CreatedAt }).ToListAsync(cancellation);
            var tagged = await db.Tags.Where(row => row.RepositoryId == repository).Select(row => row.ManifestDigest).ToListAsync(cancellation);
            var pinned = await db.Versions.Where(row => db.Manifests.Any(manifest => manifest.RepositoryId == repository && manifest.Digest == row.ImageDigest)).Select(row => row.ImageDigest!).ToListAsync(cancellation);
            var references = await db.ImageReferences.Where(row => row.RepositoryId == repository).Select(row => new { row.Digest, row.ManifestDigest }).ToListAsync(cancellation);
            var blobRows = await db.RepositoryBlobs.Where(row => row.RepositoryId == repository && row.CreatedAt < before).Select(row => new Row(row.Digest, row.Size, null)).ToListAsync(cancellation);
            var named = tagged.ToHashSet(StringComparer.Ordinal);
            var described = rows.Where(row => named.Contains(row.Row.Digest)).Select(row => row.Row.Subject).OfType<string>();
            return (rows.Select(row => row.Row.Digest).ToHashSet(StringComparer.Ordinal), rows.Where(row => row.CreatedAt < before).Select(row => row.Row).ToList(),
                references.ToLookup(row => row.Digest, row => row.ManifestDigest, StringComparer.Ordinal),
                tagged.Concat(pinned).Concat(described).ToHashSet(StringComparer.Ordinal), blobRows);
        }, cancellation);
        var gone = new HashSet<string>(StringComparer.Ordinal);
        for (var count = -1; count != gone.Count;)
        {
            count = gone.Count;
            foreach (var row in old.Where(row => !gone.Contains(row.Digest) && !kept.Contains(row.Digest) && users[row.Digest].All(gone.Contains)
                && (row.Subject is null || !all.Contains(row.Subject) || gone.Contains(row.Subject))))
            {
                if (await IsIdleAsync(row.Digest, idleSince, cancellation))
                {
                    gone.Add(row.Digest);
                    manifests.Add(row.Size);
                }
            }
        }
        foreach (var row in oldBlobs.Where(row => users[row.Digest].All(gone.Contains)))
        {
            if (await IsIdleAsync(row.Digest, idleSince, cancellation))
                visible.Add(row.Size);
        }
    }

    private async Task<bool> IsIdleAsync(string digest, DateTimeOffset idleSince, CancellationToken cancellation) =>
        await blobs.FindAsync(digest, cancellation) is not { } blob || blob.Touched < idleSince;
}
