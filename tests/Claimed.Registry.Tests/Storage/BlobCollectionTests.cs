using System.Runtime.CompilerServices;
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
        Assert.NotNull(await FindAsync(touched));
        Assert.Null(await FindAsync(left));
    }

    [Fact]
    public async Task A_change_that_names_a_blob_which_was_collected_leaves_nothing_behind()
    {
        var digest = await PutAsync("collected");
        Assert.True(await Blobs.DeleteIdleAsync(digest, Now.AddHours(1), CancellationToken.None));
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
        var seen = await FindAsync(digest);
        var path = Blobs.TemporaryPath("mended");
        await File.WriteAllTextAsync(path, "mended");
        await Blobs.AdoptAsync(digest, path, CancellationToken.None);
        Assert.False(await Blobs.QuarantineAsync(seen!, CancellationToken.None));
        Assert.True(await Blobs.QuarantineAsync((await FindAsync(digest))!, CancellationToken.None));
        Assert.Null(await FindAsync(digest));
    }

    private async Task<StoredBlob?> FindAsync(string digest) => await Blobs.FindAsync(digest, CancellationToken.None);

    private async Task<string> PutAsync(string text)
    {
        await Blobs.PutAsync(Digest.Of(text), Encoding.UTF8.GetBytes(text), CancellationToken.None);
        return Digest.Of(text);
    }

    /// <summary>Another process touches a blob between the listing and the removal.</summary>
    private sealed class BusyStore(IBlobStore store, string meanwhile) : PassingBlobs(store)
    {
        public override async IAsyncEnumerable<StoredBlob> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            var listed = await base.ListAsync(cancellation).ToListAsync(cancellation);
            await TouchAsync(meanwhile, cancellation);
            foreach (var blob in listed)
                yield return blob;
        }
    }
}
