using Claimed.Database;
using Claimed.Database.Images;
using Claimed.Registry.Http;
using Claimed.Registry.Images.Proxies;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images.Browse;

/// <summary>Lists of repositories and tags.</summary>
public sealed class ImageQueries(RegistryDatabase database, ExpiredImages expired, SnapshotFeed feed, ImageProxies proxies, RegistryUrls urls)
{
    /// <summary>Rows by name, those that may be seen.</summary>
    /// <param name="part">Of the name.</param>
    /// <param name="after">The name of the last one that was shown.</param>
    public Task<List<ImageRepository>> RepositoriesAsync(string? space, string? part, string? after, Func<string, bool> isSeen, int limit, CancellationToken cancellation) =>
        database.ReadAsync(async db =>
        {
            var rows = space is null ? db.Repositories : db.RepositoriesOf(space);
            // Names have no capitals.
            if (part?.ToLowerInvariant() is { Length: > 0 } lower)
                rows = rows.Where(row => row.Name.Contains(lower));
            if (after is not null)
                rows = rows.Where(row => string.Compare(row.Name, after) > 0);
            return await rows.OrderBy(row => row.Name).AsAsyncEnumerable().Where(row => isSeen(row.Name)).Take(limit).ToListAsync(cancellation);
        }, cancellation);

    public Task<ImageRepository?> FindAsync(string repository, CancellationToken cancellation) =>
        database.ReadAsync(db => db.Repositories.SingleOrDefaultAsync(row => row.Name == repository, cancellation), cancellation);

    public Task<List<RepositoryDocument>> DescribeAsync(IReadOnlyList<ImageRepository> rows, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        var ids = rows.Select(row => row.Id).ToArray();
        var tags = await db.Tags.Where(row => ids.Contains(row.RepositoryId)).GroupBy(row => row.RepositoryId)
            .Select(one => new { one.Key, Count = one.Count(), Last = one.Max(row => row.UpdatedAt) }).ToDictionaryAsync(one => one.Key, cancellation);
        var manifests = await db.Manifests.Where(row => ids.Contains(row.RepositoryId)).GroupBy(row => row.RepositoryId)
            .Select(one => new { one.Key, Count = one.Count(), Bytes = one.Sum(row => row.Size) }).ToDictionaryAsync(one => one.Key, cancellation);
        var blobs = await db.RepositoryBlobs.Where(row => ids.Contains(row.RepositoryId)).GroupBy(row => row.RepositoryId)
            .Select(one => new { one.Key, Bytes = one.Sum(row => row.Size) }).ToDictionaryAsync(one => one.Key, one => one.Bytes, cancellation);
        return rows.Select(row => new RepositoryDocument(row.Name, tags.GetValueOrDefault(row.Id)?.Count ?? 0, manifests.GetValueOrDefault(row.Id)?.Count ?? 0,
            (manifests.GetValueOrDefault(row.Id)?.Bytes ?? 0) + blobs.GetValueOrDefault(row.Id), row.Pulls, row.CreatedAt, tags.GetValueOrDefault(row.Id)?.Last ?? row.CreatedAt,
            feed.Current.Components.ContainsKey(row.Name), proxies.Find(row.Name)?.Options.Upstream, LinksOf(row.Name))).ToList();
    }, cancellation);

    public Task<List<TagDocument>> TagsAsync(ImageRepository repository, string? after, int limit, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        var tags = db.Tags.Where(row => row.RepositoryId == repository.Id);
        if (after is not null)
            tags = tags.Where(row => string.Compare(row.Name, after) > 0);
        var rows = await tags.OrderBy(row => row.Name).Take(limit)
            .Join(db.Manifests.Where(row => row.RepositoryId == repository.Id), tag => tag.ManifestDigest, row => row.Digest, (tag, row) => new { tag.Name, tag.UpdatedAt, row.Digest, row.MediaType, row.ArtifactType })
            .OrderBy(row => row.Name).ToListAsync(cancellation);
        var bytes = await BytesAsync(db, repository.Id, [.. rows.Select(row => row.Digest).Distinct(StringComparer.Ordinal)], cancellation);
        // What has expired may still be there for a moment.
        return rows.Where(row => !expired.Hides(repository.Name, row.Name)).Select(row => new TagDocument(row.Name, row.Digest, row.MediaType, row.ArtifactType, bytes[row.Digest], row.UpdatedAt,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["image"] = $"{urls.Image(repository.Name)}/manifests/{row.Digest}" })).ToList();
    }, cancellation);

    /// <summary>Bytes of the distinct blobs that each manifest needs, through the indexes in between.</summary>
    internal static async Task<Dictionary<string, long>> BytesAsync(RegistryContext db, long repository, string[] digests, CancellationToken cancellation)
    {
        // An index may list indexes, but nobody nests them deeply.
        var needs = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var open = digests;
        for (var depth = 0; depth < 4 && open.Length > 0; depth++)
        {
            var found = await db.ImageReferences.Where(row => row.RepositoryId == repository && open.Contains(row.ManifestDigest))
                .Select(row => new { row.ManifestDigest, row.Digest }).ToListAsync(cancellation);
            foreach (var one in found.GroupBy(row => row.ManifestDigest, StringComparer.Ordinal))
                needs[one.Key] = [.. one.Select(row => row.Digest)];
            open = [.. found.Select(row => row.Digest).Distinct(StringComparer.Ordinal).Where(digest => !needs.ContainsKey(digest))];
        }
        var leaves = needs.Values.SelectMany(all => all).Where(digest => !needs.ContainsKey(digest)).Distinct(StringComparer.Ordinal).ToArray();
        var sizes = await db.RepositoryBlobs.Where(row => row.RepositoryId == repository && leaves.Contains(row.Digest)).ToDictionaryAsync(row => row.Digest, row => row.Size, cancellation);
        return digests.ToDictionary(digest => digest, digest => Leaves(digest, needs, []).Sum(leaf => sizes.GetValueOrDefault(leaf)), StringComparer.Ordinal);
    }

    private static IEnumerable<string> Leaves(string digest, Dictionary<string, HashSet<string>> needs, HashSet<string> seen) => !seen.Add(digest) ? []
        : needs.TryGetValue(digest, out var needed) ? needed.SelectMany(one => Leaves(one, needs, seen)) : [digest];

    private Dictionary<string, string> LinksOf(string repository)
    {
        var links = new Dictionary<string, string>(StringComparer.Ordinal) { ["self"] = urls.Image(repository), ["tags"] = $"{urls.Image(repository)}/tags" };
        if (feed.Current.Components.ContainsKey(repository))
            links["component"] = urls.Component(repository.Split('/')[0], repository.Split('/')[1]);
        return links;
    }
}
