using System.Security.Cryptography;
using System.Text;
using Claimed.Database;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Storage;

/// <summary>What every blob store promises; each store runs all of it.</summary>
public abstract class BlobStoreTests(string kind) : IAsyncLifetime
{
    private const int Mebibyte = 1024 * 1024;

    protected RegistryHost Host { get; private set; } = null!;

    protected string Prefix { get; } = $"{Guid.CreateVersion7():N}/";

    protected IBlobStore Blobs => Host.Services.GetRequiredService<IBlobStore>();

    private IUploadStore Uploads => Host.Services.GetRequiredService<IUploadStore>();

    private static TimeSpan Limit => TimeSpan.FromSeconds(10);

    public async ValueTask InitializeAsync() =>
        Host = await RegistryHost.StartAsync(kind == "files" ? new Dictionary<string, string> { ["Blobs:Store"] = "Files" } : (await TestBlobs.ServerAsync(kind)).Settings(Prefix));

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    [Trait("Database", "any")]
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3 * Mebibyte)]
    public async Task What_was_put_is_read_back_listed_and_there_once(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = Digest.Of(content);
        Assert.Null(await Blobs.FindAsync(digest, CancellationToken.None));
        Assert.Null(await Blobs.OpenAsync(digest, CancellationToken.None));
        Assert.Equal(BlobPut.Created, await Blobs.PutAsync(digest, content, CancellationToken.None));
        Assert.Equal(BlobPut.AlreadyThere, await Blobs.PutAsync(digest, content, CancellationToken.None));
        Assert.Equal(content, await Blobs.ReadAllAsync(digest, CancellationToken.None));
        Assert.Equal(size, (await Blobs.FindAsync(digest, CancellationToken.None))!.Size);
        var listed = Assert.Single(await Blobs.ListAsync(CancellationToken.None).ToListAsync(), blob => blob.Digest == digest);
        Assert.Equal(await Blobs.FindAsync(digest, CancellationToken.None), listed);
    }

    [Trait("Database", "any")]
    [Fact]
    public async Task A_large_file_becomes_a_blob_and_is_gone()
    {
        var content = RandomNumberGenerator.GetBytes(37 * Mebibyte + 5);
        var path = Blobs.TemporaryPath("large");
        await File.WriteAllBytesAsync(path, content);
        Assert.Equal(BlobPut.Created, await Blobs.AdoptAsync(Digest.Of(content), path, CancellationToken.None));
        Assert.False(File.Exists(path));
        Assert.Equal(content, await Blobs.ReadAllAsync(Digest.Of(content), CancellationToken.None));
    }

    [Trait("Database", "any")]
    [Fact]
    public async Task Parts_of_a_blob_are_read_wherever_they_are()
    {
        var content = RandomNumberGenerator.GetBytes(1000);
        var digest = await PutAsync(content);
        foreach (var (first, count) in new[] { (0, 10), (990, 10), (500, 1), (0, 1000) })
        {
            await using var part = await Blobs.OpenAsync(digest, first, count, CancellationToken.None);
            Assert.Equal(1000, part!.Length);
            var read = new byte[count];
            await part.ReadExactlyAsync(read);
            Assert.Equal(content[first..(first + count)], read);
        }
        await using var stream = await Blobs.OpenAsync(digest, CancellationToken.None);
        stream!.Seek(700, SeekOrigin.Begin);
        var rest = new byte[300];
        await stream.ReadExactlyAsync(rest);
        Assert.Equal(content[700..], rest);
        Assert.Equal(0, await stream.ReadAsync(rest));
    }

    [Fact]
    public async Task Only_what_nobody_touched_is_removed()
    {
        var digest = await PutAsync("left alone"u8.ToArray());
        Assert.False(await Blobs.DeleteIdleAsync(digest, Now.AddHours(-1), CancellationToken.None));
        Assert.True(await Blobs.TouchAsync(digest, CancellationToken.None));
        Assert.True(await Blobs.DeleteIdleAsync(digest, Now.AddHours(1), CancellationToken.None));
        Assert.Null(await Blobs.FindAsync(digest, CancellationToken.None));
        Assert.False(await Blobs.DeleteIdleAsync(digest, Now.AddHours(1), CancellationToken.None));
        Assert.False(await Blobs.TouchAsync(digest, CancellationToken.None));
    }

    [Fact]
    public async Task A_look_at_what_stays_waits_for_no_transaction_that_names_a_blob()
    {
        var digest = await PutAsync("named soon"u8.ToArray());
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<RegistryContext>>().CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await using var hold = await Blobs.HoldAsync([digest], db, CancellationToken.None);
        Assert.False(await Blobs.DeleteIdleAsync(digest, Now.AddHours(-1), CancellationToken.None).AsTask().WaitAsync(Limit, TimeProvider.System));
    }

    [Fact]
    public async Task Damaged_bytes_are_found_put_aside_and_mended_by_the_same_bytes()
    {
        var content = "as it should be"u8.ToArray();
        var digest = await PutAsync(content);
        await DamageAsync(digest, "as it should bE"u8.ToArray());
        Assert.Equal("damaged", await Blobs.CheckAsync(digest, _ => Task.CompletedTask, CancellationToken.None));
        await Assert.ThrowsAsync<BlobLostException>(() => Blobs.ReadAllAsync(digest, CancellationToken.None));
        var seen = await Blobs.FindAsync(digest, CancellationToken.None);
        await PutAsync(content);
        Assert.False(await Blobs.QuarantineAsync(seen!, CancellationToken.None));
        Assert.Equal(content, await Blobs.ReadAllAsync(digest, CancellationToken.None));
        Assert.True(await Blobs.QuarantineAsync((await Blobs.FindAsync(digest, CancellationToken.None))!, CancellationToken.None));
        Assert.Null(await Blobs.FindAsync(digest, CancellationToken.None));
        Assert.Equal(BlobPut.Created, await Blobs.PutAsync(digest, content, CancellationToken.None));
    }

    [Fact]
    public async Task Damaged_bytes_are_put_aside_although_somebody_touched_them_since()
    {
        var digest = await PutAsync("as it should be"u8.ToArray());
        await DamageAsync(digest, "as it should bE"u8.ToArray());
        var seen = await Blobs.FindAsync(digest, CancellationToken.None);
        Assert.True(await Blobs.TouchAsync(digest, CancellationToken.None));
        Assert.True(await Blobs.QuarantineAsync(seen!, CancellationToken.None));
        Assert.Null(await Blobs.FindAsync(digest, CancellationToken.None));
    }

    [Fact]
    public async Task An_upload_goes_on_where_another_process_left_it()
    {
        var content = RandomNumberGenerator.GetBytes(40 * Mebibyte + 3);
        var id = await StartAsync();
        foreach (var (from, to) in new[] { (0, 17 * Mebibyte), (17 * Mebibyte, 17 * Mebibyte + 10), (17 * Mebibyte + 10, content.Length) })
        {
            // A new object each time: nothing is remembered.
            var session = Uploads.Open("suite", id);
            Assert.True(await session.ExistsAsync(CancellationToken.None));
            await using var turn = await session.TakeAsync(Limit, TimeProvider.System, CancellationToken.None);
            Assert.Equal(from, turn!.Length);
            await WriteAsync(turn, content.AsMemory(from, to - from));
            await turn.KeepAsync();
        }
        await using (var last = await Uploads.Open("suite", id).TakeAsync(Limit, TimeProvider.System, CancellationToken.None))
        {
            Assert.Equal(Digest.Of(content), await last!.DigestAsync(HashAlgorithmName.SHA256, CancellationToken.None));
            Assert.Equal("sha512:" + Convert.ToHexStringLower(SHA512.HashData(content)), await last.DigestAsync(HashAlgorithmName.SHA512, CancellationToken.None));
            Assert.Equal(BlobPut.Created, await last.StoreAsync(Digest.Of(content)));
            await last.Session.EndAsync();
        }
        Assert.False(await Uploads.Open("suite", id).ExistsAsync(CancellationToken.None));
        Assert.Equal(content, await Blobs.ReadAllAsync(Digest.Of(content), CancellationToken.None));
        Assert.Equal((0, 0L), await Uploads.DropAsync(Now.AddHours(1), countOnly: true, CancellationToken.None));
    }

    [Trait("Database", "any")]
    [Theory]
    [InlineData(5 * Mebibyte)]
    [InlineData(21 * Mebibyte + 1)]
    public async Task Many_small_chunks_and_an_end_without_a_chunk_become_one_blob(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        var session = Uploads.Open("suite", await StartAsync());
        for (var at = 0; at < content.Length; at += 2 * Mebibyte)
        {
            await using var turn = await session.TakeAsync(Limit, TimeProvider.System, CancellationToken.None);
            await WriteAsync(turn!, content.AsMemory(at, Math.Min(2 * Mebibyte, content.Length - at)));
            await turn!.KeepAsync();
        }
        await using (var last = await session.TakeAsync(Limit, TimeProvider.System, CancellationToken.None))
        {
            Assert.Equal(Digest.Of(content), await last!.DigestAsync(HashAlgorithmName.SHA256, CancellationToken.None));
            await last.StoreAsync(Digest.Of(content));
        }
        Assert.Equal(content, await Blobs.ReadAllAsync(Digest.Of(content), CancellationToken.None));
    }

    [Fact]
    public async Task What_is_taken_back_was_never_there()
    {
        var content = RandomNumberGenerator.GetBytes(20 * Mebibyte);
        var session = Uploads.Open("suite", await StartAsync());
        await using (var turn = await session.TakeAsync(Limit, TimeProvider.System, CancellationToken.None))
        {
            await WriteAsync(turn!, "kept "u8.ToArray());
            await turn!.KeepAsync();
        }
        await using (var turn = await session.TakeAsync(Limit, TimeProvider.System, CancellationToken.None))
        {
            await WriteAsync(turn!, content);
            await turn!.RollBackAsync(5);
            Assert.Equal(5, turn.Length);
            Assert.Equal(5, await Uploads.Open("suite", session.Id).LengthAsync(CancellationToken.None));
            await WriteAsync(turn, "and more"u8.ToArray());
            await turn.KeepAsync();
        }
        Assert.Equal(13, await Uploads.Open("suite", session.Id).LengthAsync(CancellationToken.None));
        await using var last = await session.TakeAsync(Limit, TimeProvider.System, CancellationToken.None);
        Assert.Equal(Digest.Of("kept and more"), await last!.DigestAsync(HashAlgorithmName.SHA256, CancellationToken.None));
    }

    [Fact]
    public async Task While_one_writes_nobody_else_does()
    {
        var id = await StartAsync();
        await using (await Uploads.Open("suite", id).TakeAsync(Limit, TimeProvider.System, CancellationToken.None))
            Assert.Null(await Uploads.Open("suite", id).TakeAsync(TimeSpan.Zero, TimeProvider.System, CancellationToken.None));
        await using var turn = await Uploads.Open("suite", id).TakeAsync(Limit, TimeProvider.System, CancellationToken.None);
        Assert.NotNull(turn);
    }

    [Fact]
    public async Task An_upload_that_was_left_alone_is_removed_and_unknown()
    {
        var session = Uploads.Open("suite", await StartAsync());
        await using (var turn = await session.TakeAsync(Limit, TimeProvider.System, CancellationToken.None))
        {
            await WriteAsync(turn!, "123"u8.ToArray());
            await turn!.KeepAsync();
        }
        Assert.Equal((0, 0L), await Uploads.DropAsync(Now.AddHours(-1), countOnly: false, CancellationToken.None));
        Assert.Equal((1, 3L), await Uploads.DropAsync(Now.AddHours(1), countOnly: true, CancellationToken.None));
        Assert.Equal(3, await session.LengthAsync(CancellationToken.None));
        Assert.Equal((1, 3L), await Uploads.DropAsync(Now.AddHours(1), countOnly: false, CancellationToken.None));
        await Assert.ThrowsAsync<UploadGoneException>(async () => await Uploads.Open("suite", session.Id).LengthAsync(CancellationToken.None));
        await Assert.ThrowsAsync<UploadGoneException>(() => session.TakeAsync(Limit, TimeProvider.System, CancellationToken.None));
    }

    /// <summary>Changes stored bytes behind the store's back.</summary>
    protected abstract Task DamageAsync(string digest, byte[] content);

    protected static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    protected async Task<string> PutAsync(byte[] content)
    {
        await Blobs.PutAsync(Digest.Of(content), content, CancellationToken.None);
        return Digest.Of(content);
    }

    private async Task<string> StartAsync()
    {
        var session = Uploads.Open("suite", RandomNumberGenerator.GetHexString(32, lowercase: true));
        await session.StartAsync(isVisible: true);
        return session.Id;
    }

    private static async Task WriteAsync(UploadTurn turn, ReadOnlyMemory<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; at += 256 * 1024)
            await turn.WriteAsync(bytes.Slice(at, Math.Min(256 * 1024, bytes.Length - at)));
    }
}

public sealed class FileBlobStoreTests() : BlobStoreTests("files")
{
    protected override Task DamageAsync(string digest, byte[] content) =>
        File.WriteAllBytesAsync(Path.Combine(Host.DataPath, "blobs", "sha256", digest[7..9], digest[7..]), content);
}

public abstract class S3BlobStoreTests(string kind) : BlobStoreTests(kind)
{
    private readonly string _kind = kind;

    protected override async Task DamageAsync(string digest, byte[] content) => await (await TestBlobs.ServerAsync(_kind)).Client.PutObjectAsync(
        new Amazon.S3.Model.PutObjectRequest { BucketName = S3Server.Bucket, Key = $"{Prefix}blobs/sha256/{digest[7..9]}/{digest[7..]}", InputStream = new MemoryStream(content), UseChunkEncoding = false });

    [Fact]
    public async Task A_blob_that_a_row_names_is_not_removed_however_long_it_was_left_alone()
    {
        var digest = await PutAsync(Encoding.UTF8.GetBytes("named"));
        var database = Host.Services.GetRequiredService<RegistryDatabase>();
        await database.ChangeAsync(async change =>
        {
            var repository = new Claimed.Database.Images.ImageRepository { Name = "acme/guarded", CreatedAt = change.Now };
            change.Db.Repositories.Add(repository);
            await change.Db.SaveChangesAsync(change.Cancellation);
            change.Db.RepositoryBlobs.Add(new Claimed.Database.Images.RepositoryBlob { RepositoryId = repository.Id, Digest = digest, Size = 5, CreatedAt = change.Now });
            change.Names(digest);
        }, CancellationToken.None);
        Assert.False(await Blobs.DeleteIdleAsync(digest, Now.AddHours(1), CancellationToken.None));
        Assert.NotNull(await Blobs.FindAsync(digest, CancellationToken.None));
    }

    [Fact]
    public async Task An_old_blob_that_is_touched_counts_as_young_and_is_not_moved()
    {
        await using var later = await RegistryHost.StartAsync((await TestBlobs.ServerAsync(_kind)).Settings(Prefix),
            adjust: builder => builder.Services.AddSingleton<TimeProvider>(new ShiftedClock { Shift = TimeSpan.FromMinutes(10) }));
        var digest = await PutAsync(Encoding.UTF8.GetBytes("old"));
        var before = await Blobs.FindAsync(digest, CancellationToken.None);
        var store = later.Services.GetRequiredService<IBlobStore>();
        Assert.True(await store.TouchAsync(digest, CancellationToken.None));
        var after = await Blobs.FindAsync(digest, CancellationToken.None);
        Assert.Equal(before!.Tag, after!.Tag);
        var touch = Assert.Single((await (await TestBlobs.ServerAsync(_kind)).Client.ListObjectsAsync(S3Server.Bucket, $"{Prefix}touched/")).S3Objects);
        Assert.Equal(0, touch.Size);
        Assert.Equal(touch.LastModified!.Value.ToUniversalTime(), after.Touched.UtcDateTime);
    }
}

[Trait("Database", "any")]
public sealed class S3rverBlobStoreTests() : S3BlobStoreTests("s3rver");

#if LONG
/// <summary>The same on a second server of the protocol, which takes twice as long.</summary>
public sealed class SwiftBlobStoreTests() : S3BlobStoreTests("swift");
#endif
