using System.Text;
using Claimed.Database.Catalog;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Storage;

/// <summary>The moments between a look and a removal, made to happen.</summary>
public sealed class BlobCollectionTests : IAsyncLifetime
{
    private RegistryHost _host = null!;

    private IBlobStore Blobs => _host.Services.GetRequiredService<IBlobStore>();

    private RegistryDatabase Database => _host.Services.GetRequiredService<RegistryDatabase>();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_blob_that_is_touched_after_the_collection_listed_it_stays()
    {
        var (touched, left) = (await PutAsync("touched"), await PutAsync("left"));
        var collection = new BlobCollection(Database, new BusyStore(Blobs, meanwhile: touched));
        Assert.Equal(1, (await collection.CollectAsync(Now, countOnly: false, CancellationToken.None)).Count);
        Assert.NotNull(Blobs.Find(touched));
        Assert.Null(Blobs.Find(left));
    }

    [Fact]
    public async Task A_change_that_names_a_blob_which_was_collected_leaves_nothing_behind()
    {
        var digest = await PutAsync("collected");
        Assert.True(Blobs.DeleteIdle(digest, Now.AddHours(1)));
        await Assert.ThrowsAsync<BlobLostException>(() => Database.ChangeAsync(change =>
        {
            change.Db.Namespaces.Add(new Namespace { Name = "half", CreatedAt = change.Now });
            change.Names(digest);
            return Task.CompletedTask;
        }, CancellationToken.None));
        Assert.False(await Database.ReadAsync(db => db.Namespaces.AnyAsync(row => row.Name == "half"), CancellationToken.None));
    }

    [Fact]
    public async Task A_quarantine_spares_a_blob_that_was_mended_since_it_was_read()
    {
        var digest = await PutAsync("mended");
        var seen = Blobs.Find(digest)!;
        Blobs.Touch(digest);
        Assert.False(Blobs.Quarantine(seen));
        Assert.True(Blobs.Quarantine(Blobs.Find(digest)!));
        Assert.Null(Blobs.Find(digest));
    }

    private async Task<string> PutAsync(string text)
    {
        await Blobs.PutAsync(Digest.Of(text), Encoding.UTF8.GetBytes(text), CancellationToken.None);
        return Digest.Of(text);
    }

    /// <summary>Another process touches a blob between the listing and the removal.</summary>
    private sealed class BusyStore(IBlobStore store, string meanwhile) : IBlobStore
    {
        public IEnumerable<StoredBlob> List()
        {
            var listed = store.List().ToList();
            store.Touch(meanwhile);
            return listed;
        }

        public Task<BlobPut> PutAsync(string digest, ReadOnlyMemory<byte> content, CancellationToken cancellation) => store.PutAsync(digest, content, cancellation);

        public Task<BlobPut> AdoptAsync(string digest, string uploadPath, CancellationToken cancellation) => store.AdoptAsync(digest, uploadPath, cancellation);

        public string CreateUploadPath(string id) => store.CreateUploadPath(id);

        public (int Count, long Bytes) DropUploads(DateTimeOffset idleSince, bool countOnly = false) => store.DropUploads(idleSince, countOnly);

        public Stream? Open(string digest) => store.Open(digest);

        public StoredBlob? Find(string digest) => store.Find(digest);

        public bool Touch(string digest) => store.Touch(digest);

        public string? Touch(IReadOnlyCollection<string> digests) => store.Touch(digests);

        public bool DeleteIdle(string digest, DateTimeOffset idleSince) => store.DeleteIdle(digest, idleSince);

        public bool Quarantine(StoredBlob seen) => store.Quarantine(seen);
    }
}
