using Claimed.Database;
using Claimed.Registry.Telemetry;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage;

/// <summary>Blobs as files: <c>{DataPath}/blobs/sha256/ab/abcd…</c>. Temporary name, flush, rename, flush the folder.</summary>
public sealed class FileBlobStore : IBlobStore
{
    private readonly string _blobs;
    private readonly TemporaryFiles _temporary;
    private readonly string _quarantine;
    private readonly BlobLock _lock;
    private readonly RegistryMetrics _metrics;
    private readonly TimeProvider _clock;

    public FileBlobStore(IOptions<RegistryOptions> options, TemporaryFiles temporary, RegistryMetrics metrics, TimeProvider clock)
    {
        var data = Path.GetFullPath(options.Value.DataPath);
        _blobs = Path.Combine(data, "blobs");
        _temporary = temporary;
        _quarantine = Path.Combine(data, "quarantine");
        _metrics = metrics;
        _clock = clock;
        Directory.CreateDirectory(_blobs);
        _lock = new BlobLock(Path.Combine(data, "blobs.lock"));
    }

    public string TemporaryPath(string name) => _temporary.PathOf(name);

    // In one go on one thread: a file has no other steps than these, one after the other.
    public Task<BlobPut> PutAsync(string digest, ReadOnlyMemory<byte> content, CancellationToken cancellation) => DiskThreads.RunAsync(() =>
    {
        // Two readers cost less than one flush, and bytes that went bad on the disk do not stay for ever.
        if (Touch([digest]) is null && IsStored(digest, content))
        {
            // Whoever put it may not have come to this yet.
            Posix.FlushFolder(Path.GetDirectoryName(PathOf(digest))!);
            return BlobPut.AlreadyThere;
        }
        var temporary = TemporaryPath("put-" + Guid.CreateVersion7().ToString("N"));
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

    public Task<BlobPut> AdoptAsync(string digest, string path, CancellationToken cancellation) => DiskThreads.RunAsync(() =>
    {
        Posix.FlushFile(path);
        return Adopt(digest, path, new FileInfo(path).Length);
    }, cancellation);

    /// <summary>Makes a flushed file the blob.</summary>
    private BlobPut Adopt(string digest, string path, long size)
    {
        var target = PathOf(digest);
        var folder = Path.GetDirectoryName(target)!;
        CreateFolder(folder);
        // An upload may have begun long ago; for collection the blob is of this moment.
        File.SetLastWriteTimeUtc(path, _clock.GetUtcNow().UtcDateTime);
        BlobPut put;
        using (_lock.Touching())
        {
            put = File.Exists(target) ? BlobPut.AlreadyThere : BlobPut.Created;
            File.Move(path, target, overwrite: true);
        }
        Posix.FlushFolder(folder);
        if (put == BlobPut.Created)
            _metrics.BlobStored(size);
        return put;
    }

    public ValueTask<Stream?> OpenAsync(string digest, long first, long? count, CancellationToken cancellation)
    {
        var file = Posix.OpenRead(PathOf(digest));
        if (file is not null && first > 0)
            file.Position = first;
        return new(file);
    }

    public ValueTask<StoredBlob?> FindAsync(string digest, CancellationToken cancellation) => new(Find(digest));

    private StoredBlob? Find(string digest)
    {
        var file = new FileInfo(PathOf(digest));
        return file.Exists ? Stored(digest, file) : null;
    }

    private static StoredBlob Stored(string digest, FileInfo file) => new(digest, file.Length, file.LastWriteTimeUtc) { Tag = Posix.IdentityOf(file) };

    public ValueTask<bool> TouchAsync(string digest, CancellationToken cancellation) => new(Touch([digest]) is null);

    // Touched at the last moment, and not held: that the commit takes less time than any grace keeps the blobs until then.
    public ValueTask<BlobHold> HoldAsync(IReadOnlyCollection<string> digests, RegistryContext transaction, CancellationToken cancellation) => new(new LastTouch(this, digests));

    /// <summary>Touches all of them, with nothing removed in between; the first that is absent, or null.</summary>
    private string? Touch(IReadOnlyCollection<string> digests)
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

    public IAsyncEnumerable<StoredBlob> ListAsync(CancellationToken cancellation) => List().ToAsyncEnumerable();

    private IEnumerable<StoredBlob> List()
    {
        foreach (var algorithm in new DirectoryInfo(_blobs).EnumerateDirectories())
        {
            foreach (var file in algorithm.EnumerateDirectories().SelectMany(folder => folder.EnumerateFiles()))
            {
                var digest = $"{algorithm.Name}:{file.Name}";
                if (Digest.IsKnown(digest) && file.Exists)
                    yield return Stored(digest, file);
            }
        }
    }

    public ValueTask<bool> DeleteIdleAsync(string digest, DateTimeOffset idleSince, CancellationToken cancellation)
    {
        using (_lock.Removing())
        {
            if (Find(digest) is not { } blob || blob.Touched >= idleSince)
                return new(false);
            File.Delete(PathOf(digest));
            return new(true);
        }
    }

    public ValueTask<bool> QuarantineAsync(StoredBlob seen, CancellationToken cancellation)
    {
        Directory.CreateDirectory(_quarantine);
        using (_lock.Removing())
        {
            if (!seen.IsStill(Find(seen.Digest)))
                return new(false);
            File.Move(PathOf(seen.Digest), Path.Combine(_quarantine, seen.Digest.Replace(':', '-')), overwrite: true);
            return new(true);
        }
    }

    public ValueTask<string?> LinkAsync(string digest, long size) => default;

    // A disk answers, or each use of it says why not.
    public ValueTask<string?> ObstacleAsync(TimeSpan limit, CancellationToken cancellation) => default;

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
    private sealed class LastTouch(FileBlobStore store, IReadOnlyCollection<string> digests) : BlobHold
    {
        public override ValueTask<string?> LostAsync(CancellationToken cancellation) => new(store.Touch(digests));
    }
}
