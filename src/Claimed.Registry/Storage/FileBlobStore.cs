using Claimed.Registry.Telemetry;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage;

/// <summary>Blobs as files: <c>{DataPath}/blobs/sha256/ab/abcd…</c>. Temporary name, flush, rename, flush the folder.</summary>
public sealed class FileBlobStore : IBlobStore
{
    private readonly string _blobs;
    private readonly string _uploads;
    private readonly string _quarantine;
    private readonly BlobLock _lock;
    private readonly RegistryMetrics _metrics;
    private readonly TimeProvider _clock;

    public FileBlobStore(IOptions<RegistryOptions> options, RegistryMetrics metrics, TimeProvider clock)
    {
        var data = Path.GetFullPath(options.Value.DataPath);
        _blobs = Path.Combine(data, "blobs");
        _uploads = Path.Combine(data, "uploads");
        _quarantine = Path.Combine(data, "quarantine");
        _metrics = metrics;
        _clock = clock;
        Directory.CreateDirectory(_blobs);
        Directory.CreateDirectory(_uploads);
        _lock = new BlobLock(Path.Combine(data, "blobs.lock"));
    }

    public string CreateUploadPath(string id) => Path.Combine(_uploads, id);

    public (int Count, long Bytes) DropUploads(DateTimeOffset idleSince, bool countOnly = false)
    {
        var (count, bytes) = (0, 0L);
        foreach (var file in new DirectoryInfo(_uploads).EnumerateFiles().Where(file => file.LastWriteTimeUtc < idleSince.UtcDateTime))
        {
            // Held: a request writes to it in this moment, in whichever process.
            using var held = FileHold.TryTake(file.FullName);
            file.Refresh();
            if (held is null || !file.Exists || file.LastWriteTimeUtc >= idleSince.UtcDateTime)
                continue;
            count++;
            bytes += file.Length;
            if (!countOnly)
                file.Delete();
        }
        return (count, bytes);
    }

    // In one go on one thread: a file has no other steps than these, one after the other.
    public Task<BlobPut> PutAsync(string digest, ReadOnlyMemory<byte> content, CancellationToken cancellation) => DiskThreads.RunAsync(() =>
    {
        // Two readers cost less than one flush, and bytes that went bad on the disk do not stay for ever.
        if (Touch(digest) && IsStored(digest, content))
        {
            // Whoever put it may not have come to this yet.
            Posix.FlushFolder(Path.GetDirectoryName(PathOf(digest))!);
            return BlobPut.AlreadyThere;
        }
        var temporary = CreateUploadPath("put-" + Guid.CreateVersion7().ToString("N"));
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                RandomAccess.Write(file, content.Span, 0);
                RandomAccess.FlushToDisk(file);
            }
            return Adopt(digest, temporary, content.Length);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }, cancellation);

    public Task<BlobPut> AdoptAsync(string digest, string uploadPath, CancellationToken cancellation) => DiskThreads.RunAsync(() =>
    {
        Posix.FlushFile(uploadPath);
        return Adopt(digest, uploadPath, new FileInfo(uploadPath).Length);
    }, cancellation);

    /// <summary>Makes a flushed file the blob.</summary>
    private BlobPut Adopt(string digest, string uploadPath, long size)
    {
        var target = PathOf(digest);
        var folder = Path.GetDirectoryName(target)!;
        CreateFolder(folder);
        // An upload may have begun long ago; for collection the blob is of this moment.
        File.SetLastWriteTimeUtc(uploadPath, _clock.GetUtcNow().UtcDateTime);
        BlobPut put;
        using (_lock.Touching())
        {
            put = File.Exists(target) ? BlobPut.AlreadyThere : BlobPut.Created;
            File.Move(uploadPath, target, overwrite: true);
        }
        Posix.FlushFolder(folder);
        if (put == BlobPut.Created)
            _metrics.BlobStored(size);
        return put;
    }

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

    public StoredBlob? Find(string digest)
    {
        var file = new FileInfo(PathOf(digest));
        return file.Exists ? new StoredBlob(digest, file.Length, file.LastWriteTimeUtc) : null;
    }

    public bool Touch(string digest) => Touch([digest]) is null;

    public string? Touch(IReadOnlyCollection<string> digests)
    {
        if (digests.Count == 0)
            return null;
        using (_lock.Touching())
        {
            var now = _clock.GetUtcNow().UtcDateTime;
            foreach (var digest in digests)
            {
                var path = PathOf(digest);
                if (!File.Exists(path))
                    return digest;
                File.SetLastWriteTimeUtc(path, now);
            }
        }
        return null;
    }

    public IEnumerable<StoredBlob> List()
    {
        foreach (var algorithm in new DirectoryInfo(_blobs).EnumerateDirectories())
        {
            foreach (var file in algorithm.EnumerateDirectories().SelectMany(folder => folder.EnumerateFiles()))
            {
                var digest = $"{algorithm.Name}:{file.Name}";
                if (Digest.IsKnown(digest) && file.Exists)
                    yield return new StoredBlob(digest, file.Length, file.LastWriteTimeUtc);
            }
        }
    }

    public bool DeleteIdle(string digest, DateTimeOffset idleSince)
    {
        using (_lock.Removing())
        {
            if (Find(digest) is not { } blob || blob.Touched >= idleSince)
                return false;
            File.Delete(PathOf(digest));
            return true;
        }
    }

    public bool Quarantine(StoredBlob seen)
    {
        Directory.CreateDirectory(_quarantine);
        using (_lock.Removing())
        {
            if (Find(seen.Digest) != seen)
                return false;
            File.Move(PathOf(seen.Digest), Path.Combine(_quarantine, seen.Digest.Replace(':', '-')), overwrite: true);
            return true;
        }
    }

    private bool IsStored(string digest, ReadOnlyMemory<byte> content)
    {
        try
        {
            using var stored = File.OpenHandle(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (RandomAccess.GetLength(stored) != content.Length)
                return false;
            var buffer = new byte[Math.Min(content.Length, 256 * 1024)];
            for (var at = 0; at < content.Length;)
            {
                var read = RandomAccess.Read(stored, buffer, at);
                if (read == 0 || !content.Slice(at, Math.Min(read, content.Length - at)).Span.SequenceEqual(buffer.AsSpan(0, read)))
                    return false;
                at += read;
            }
            return true;
        }
        catch (IOException)
        {
            // A disk that cannot read it back has it no longer; what comes now takes its place.
            return false;
        }
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
