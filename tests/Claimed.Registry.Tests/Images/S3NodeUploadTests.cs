using System.Net;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Two nodes that share nothing but PostgreSQL and a bucket.</summary>
[Trait("Database", "own")]
public sealed class S3NodeUploadTests(BucketNodes nodes) : NodeUploadTests(nodes), IClassFixture<BucketNodes>
{
    private const int Mebibyte = 1024 * 1024;

    [Fact]
    public async Task A_large_upload_changes_its_node_and_is_pulled_in_parts_at_both()
    {
        var content = RandomNumberGenerator.GetBytes(35 * Mebibyte + 7);
        var url = await StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await ChunkAsync(First, url, content[..(20 * Mebibyte)], null)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await ChunkAsync(Second, url, content[(20 * Mebibyte)..(21 * Mebibyte)], null)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await FinishAsync(Second, url, content[(21 * Mebibyte)..], Digest.Of(content))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await First.Admin.GetAsync(url)).StatusCode);
        foreach (var node in new[] { First, Second })
        {
            Assert.Equal(content, await node.Admin.GetByteArrayAsync(BlobUrl(content)));
            using var asked = new HttpRequestMessage(HttpMethod.Get, BlobUrl(content));
            asked.Headers.Range = new(10 * Mebibyte, 18 * Mebibyte);
            var part = await node.Admin.SendAsync(asked);
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal(content[(10 * Mebibyte)..(18 * Mebibyte + 1)], await part.Content.ReadAsByteArrayAsync());
        }
        Assert.DoesNotContain(await KeysAsync("uploads/"), key => key.Contains(url[(url.LastIndexOf('/') + 1)..], StringComparison.Ordinal));
        // What passed through a node's own disk is gone from it.
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(FirstData, "uploads")));
    }

    [Fact]
    public async Task A_collection_takes_what_nobody_names_from_the_bucket_and_runs_at_one_node_at_a_time()
    {
        var kept = RandomNumberGenerator.GetBytes(100);
        Assert.Equal(HttpStatusCode.Created, (await FinishAsync(First, await StartAsync(), kept, Digest.Of(kept))).StatusCode);
        var orphan = await PutAsync(First, "nobody names it"u8.ToArray());
        await ChunkAsync(First, await StartAsync(), Content, null);
        var collection = Second.Services.GetRequiredService<GarbageCollection>();
        await using (await First.Services.GetRequiredService<DatabaseLocks>().TryTakeAsync("collection", CancellationToken.None))
            Assert.Null(await collection.RunAsync(TimeSpan.FromMinutes(1), countOnly: false, CancellationToken.None));
        var blobs = Second.Services.GetRequiredService<BlobCollection>();
        var collected = await blobs.CollectAsync(TimeProvider.System.GetUtcNow().AddMinutes(1), countOnly: true, CancellationToken.None);
        Assert.Equal(1, collected.Count);
        Assert.Equal(1, (await blobs.CollectAsync(TimeProvider.System.GetUtcNow().AddMinutes(1), countOnly: false, CancellationToken.None)).Count);
        Assert.Null(await First.Services.GetRequiredService<IBlobStore>().FindAsync(orphan, CancellationToken.None));
        Assert.Equal(kept, await First.Admin.GetByteArrayAsync(BlobUrl(kept)));
        Assert.NotNull(await collection.RunAsync(TimeSpan.FromMinutes(1), countOnly: false, CancellationToken.None));
    }

    [Fact]
    public async Task A_node_that_names_a_blob_keeps_another_from_removing_it_until_it_has_committed()
    {
        var digest = await PutAsync(First, "named in time"u8.ToArray());
        var (named, mayCommit) = (new TaskCompletionSource(), new TaskCompletionSource());
        var database = First.Services.GetRequiredService<RegistryDatabase>();
        var naming = database.ChangeAsync(async change =>
        {
            var row = new Claimed.Database.Images.ImageRepository { Name = "acme/named", CreatedAt = change.Now };
            change.Db.Repositories.Add(row);
            await change.Db.SaveChangesAsync(change.Cancellation);
            change.Db.RepositoryBlobs.Add(new Claimed.Database.Images.RepositoryBlob { RepositoryId = row.Id, Digest = digest, Size = 13, CreatedAt = change.Now });
            // As the transaction does just before it ends, and then it stands still.
            await using var hold = await First.Services.GetRequiredService<IBlobStore>().HoldAsync([digest], change.Db, change.Cancellation);
            Assert.Null(await hold.LostAsync(change.Cancellation));
            named.SetResult();
            await mayCommit.Task;
        }, CancellationToken.None);
        await named.Task;
        var removing = Second.Services.GetRequiredService<IBlobStore>().DeleteIdleAsync(digest, TimeProvider.System.GetUtcNow().AddHours(1), CancellationToken.None).AsTask();
        Assert.NotSame(removing, await Task.WhenAny(removing, Task.Delay(TimeSpan.FromMilliseconds(500))));
        mayCommit.SetResult();
        await naming;
        Assert.False(await removing);
    }

    private string BlobUrl(byte[] content) => $"/v2/{Repository}/blobs/{Digest.Of(content)}";

    private static async Task<string> PutAsync(RegistryHost node, byte[] content)
    {
        await node.Services.GetRequiredService<IBlobStore>().PutAsync(Digest.Of(content), content, CancellationToken.None);
        return Digest.Of(content);
    }

    private async Task<List<string>> KeysAsync(string under)
    {
        var listed = await (await TestBlobs.ServerAsync("s3rver")).Client.ListObjectsAsync(S3Server.Bucket, nodes.Prefix + under);
        return (listed.S3Objects ?? []).ConvertAll(found => found.Key);
    }
}
