using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Claimed.Registry.Tests.Images.Proxies;

internal static class KeptBytes
{
    /// <summary>Bytes of the distinct blobs that a namespace's repositories have.</summary>
    public static Task<long> BytesOfAsync(this IServiceProvider services, string space) => services.GetRequiredService<RegistryDatabase>().ReadAsync(async db =>
        (await db.RepositoryBlobs.Where(row => db.Repositories.Any(owner => owner.Id == row.RepositoryId && owner.Name.StartsWith(space + "/")))
            .Select(row => new { row.Digest, row.Size }).Distinct().ToListAsync()).Sum(row => row.Size), CancellationToken.None);
}
