using System.Data;
using Claimed.Database;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Adds up what the repositories of a namespace hold.</summary>
internal static class NamespaceCounts
{
    /// <summary>The counts are what the rows say, read at one moment.</summary>
    public static async Task AssertCountedAsync(this RegistryHost host, string space)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<RegistryContext>>().CreateDbContextAsync();
        await using var moment = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var counted = await db.Namespaces.Where(row => row.Name == space).Select(row => new { row.UsedBytes, row.UsedRepositories }).SingleAsync();
        var mine = await db.Repositories.Where(row => row.Name.StartsWith(space + "/")).Select(row => row.Id).ToListAsync();
        var held = (await db.RepositoryBlobs.Where(row => mine.Contains(row.RepositoryId)).Select(row => new { row.RepositoryId, row.Digest, row.Size }).ToListAsync())
            .Concat(await db.Manifests.Where(row => mine.Contains(row.RepositoryId)).Select(row => new { row.RepositoryId, row.Digest, row.Size }).ToListAsync()).ToList();
        Assert.Equal((held.DistinctBy(row => row.Digest).Sum(row => row.Size), held.Select(row => row.RepositoryId).Distinct().LongCount()), (counted.UsedBytes, counted.UsedRepositories));
    }
}
