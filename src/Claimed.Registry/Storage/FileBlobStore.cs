using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage;

/// <summary>Blobs as files: <c>{DataPath}/blobs/sha256/ab/abcd…</c>. Temporary name, flush, rename, flush the folder.</summary>
public sealed class FileBlobStore : IBlobStore
{
    private readonly string _blobs;
    private readonly string _uploads;

    public FileBlobStore(IOptions<RegistryOptions> options)
    {
        _blobs = Path.GetFullPath(Path.Combine(options.Value.DataPath, "blobs"));
        _uploads = Path.GetFullPath(Path.Combine(options.Value.DataPath, "uploads"));
        Directory.CreateDirectory(_blobs);
        Directory.CreateDirectory(_uploads);
    }

    public string CreateUploadPath(string id) => Path.Combine(_uploads, id);

    public int DropUploads(DateTimeOffset idleSince)
    {
        var idle = Directory.EnumerateFiles(_uploads).Where(path => File.GetLastWriteTimeUtc(path) < idleSince.UtcDateTime).ToArray();
        foreach (var path in idle)
            File.Delete(path);
        return idle.Length;
    }

    public async Task<BlobPut> PutAsync(string digest, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        if (Touch(digest))
            return BlobPut.AlreadyThere;
        var temporary = CreateUploadPath("put-" + Guid.CreateVersion7().ToString("N"));
        try
        {
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
                await file.WriteAsync(content, cancellation);
            return await AdoptAsync(digest, temporary, cancellation);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public Task<BlobPut> AdoptAsync(string digest, string uploadPath, CancellationToken cancellation) => Task.Run(() =>
    {
        if (Touch(digest))
        {
            File.Delete(uploadPath);
            return BlobPut.AlreadyThere;
        }
        using (var file = File.OpenHandle(uploadPath, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        var target = PathOf(digest);
        var folder = Path.GetDirectoryName(target)!;
        CreateFolder(folder);
        File.Move(uploadPath, target, overwrite: true);
        Posix.FlushFolder(folder);
        return BlobPut.Created;
    }, cancellation);

    public Stream? Open(string digest)
    {
        try
        {
            return new FileStream(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public long? Size(string digest)
    {
        var file = new FileInfo(PathOf(digest));
        return file.Exists ? file.Length : null;
    }

    public bool Delete(string digest)
    {
        var path = PathOf(digest);
        var there = File.Exists(path);
        File.Delete(path);
        return there;
    }

    private bool Touch(string digest)
    {
        var path = PathOf(digest);
        if (!File.Exists(path))
            return false;
        File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
        return true;
    }

    private string PathOf(string digest)
    {
        if (!Digest.IsKnown(digest))
            throw new ArgumentException($"\"{digest}\" is not a digest.", nameof(digest));
        var colon = digest.IndexOf(':');
        return Path.Combine(_blobs, digest[..colon], digest[(colon + 1)..(colon + 3)], digest[(colon + 1)..]);
    }

    /// <summary>A new folder is durable once the folder that holds it is flushed.</summary>
    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        var holder = Path.GetDirectoryName(folder)!;
        CreateFolder(holder);
        Directory.CreateDirectory(folder);
        Posix.FlushFolder(holder);
    }

}
