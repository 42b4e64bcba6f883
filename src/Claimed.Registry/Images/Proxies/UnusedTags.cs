using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images.Proxies;

/// <summary>Forgets the tags that nobody pulled through a proxy for as long as its setting says; what they named goes as all that nothing names does.</summary>
public sealed class UnusedTags(RegistryDatabase database, ImageProxies proxies, TimeProvider clock)
{
    public async Task<Collected> CollectAsync(bool countOnly, CancellationToken cancellation)
    {
        var count = 0;
        foreach (var proxy in proxies.All.Where(proxy => proxy.IsReady).Select(proxy => proxy.Options))
        {
            var before = (clock.GetUtcNow() - proxy.KeepUnused).ToUnixTimeMilliseconds();
            var repositories = await database.ReadAsync(db => db.RepositoriesOf(proxy.Namespace)
                .Where(row => db.Tags.Any(tag => tag.RepositoryId == row.Id && tag.UpdatedAt < before)).ToListAsync(cancellation), cancellation);
            foreach (var repository in repositories)
                count += countOnly ? await CountAsync(repository.Id, before, cancellation) : await RemoveAsync(repository.Name, before, cancellation);
        }
        return new Collected("tags of other registries that nobody pulled", count);
    }

    private Task<int> CountAsync(long repository, long before, CancellationToken cancellation) =>
        database.ReadAsync(db => db.Tags.CountAsync(row => row.RepositoryId == repository && row.UpdatedAt < before, cancellation), cancellation);

    private Task<int> RemoveAsync(string repository, long before, CancellationToken cancellation) => database.ChangeAsync(async change =>
    {
        if (await change.LockRepositoryAsync(repository) is not { } id)
            return 0;
        var tags = await change.Db.Tags.Where(row => row.RepositoryId == id && row.UpdatedAt < before).ToListAsync(cancellation);
        change.Db.Tags.RemoveRange(tags);
        foreach (var tag in tags)
            change.Tell(ImageEvents.Untagged, repository, new { tag = tag.Name });
        return tags.Count;
    }, cancellation);
}
