using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Claimed.Registry.Storage;

/// <summary>Uploads as files beside the blobs: the file is all of an upload, its length is how far it came, and whoever writes holds it.</summary>
public sealed class FileUploads(IBlobStore blobs, TemporaryFiles files) : IUploadStore
{
    public UploadSession Open(string owner, string id) => new FileUpload(owner, id, blobs);

    public Task<(int Count, long Bytes)> DropAsync(DateTimeOffset idleSince, bool countOnly, CancellationToken cancellation) =>
        Task.FromResult(files.Drop(idleSince, countOnly));
}

internal sealed class FileUpload(string owner, string id, IBlobStore blobs) : UploadSession(owner, id)
{
    private readonly string _path = blobs.TemporaryPath($"{owner}-{id}");

    /// <summary>What this process has hashed so far; null when nothing.</summary>
    internal HashedFile? Hashed { get; set; }

    /// <summary>The blob that the file has become, until the upload is ended.</summary>
    internal (string Digest, long Length)? Blob { get; set; }

    public override ValueTask StartAsync(bool isVisible)
    {
        File.Create(_path).Dispose();
        return default;
    }

    public override async ValueTask<bool> ExistsAsync(CancellationToken cancellation) =>
        Blob is { } blob ? await blobs.FindAsync(blob.Digest, cancellation) is not null : File.Exists(_path);

    public override ValueTask<long> LengthAsync(CancellationToken cancellation) =>
        new(Blob?.Length ?? (new FileInfo(_path) is { Exists: true } file ? file.Length : throw new UploadGoneException()));

    public override ValueTask EndAsync()
    {
        Blob = null;
        File.Delete(_path);
        return default;
    }

    protected override ValueTask<UploadTurn?> TryTakeAsync(Action release, CancellationToken cancellation)
    {
        if (Blob is { } blob)
            return new(new EndedUploadTurn(this, blobs, blob.Digest, blob.Length, release));
        var file = FileHold.TryTake(_path);
        // Who held it before may have made it a blob: then the name is gone, and what was opened is no upload any more.
        if (!File.Exists(_path))
        {
            file?.Dispose();
            throw new UploadGoneException();
        }
        return new(file is null ? null : new FileUploadTurn(this, blobs, _path, file, release));
    }
}

/// <summary>The SHA-256 of a file's first bytes, and the time that the file had when this process last wrote to it.</summary>
internal sealed record HashedFile(IncrementalHash Hash, long Length, DateTime Written);

internal sealed class FileUploadTurn : UploadTurn
{
    private const int BufferBytes = 256 * 1024;

    // The disk begins with what came, so that little is left to flush at the end, and little of the system's memory waits for it.
    private const int DiskBytes = 8 * 1024 * 1024;

    private readonly FileUpload _session;
    private readonly IBlobStore _blobs;
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly Action _release;
    private long _length;

    // Of exactly the first bytes up to the length; null when only reading the file can tell.
    private IncrementalHash? _hash;

    internal FileUploadTurn(FileUpload session, IBlobStore blobs, string path, SafeFileHandle file, Action release)
    {
        (_session, _blobs, _path, _file, _release) = (session, blobs, path, file, release);
        _length = RandomAccess.GetLength(file);
        if (_length == 0)
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        else if (session.Hashed is { } known && known.Length == _length && known.Written == File.GetLastWriteTimeUtc(file))
            _hash = known.Hash;
        // Another process went on with it, or took something back.
        if (session.Hashed?.Hash is { } stale && stale != _hash)
            stale.Dispose();
        session.Hashed = null;
    }

    public override UploadSession Session => _session;

    public override long Length => _length;

    public override Task WriteAsync(ReadOnlyMemory<byte> bytes) => Task.Run(() =>
    {
        try
        {
            RandomAccess.Write(_file, bytes.Span, _length);
        }
        catch (IOException)
        {
            // A part may have been written; the file must not be longer than what is counted and hashed.
            RandomAccess.SetLength(_file, _length);
            throw;
        }
        _hash?.AppendData(bytes.Span);
        if ((_length + bytes.Length) / DiskBytes != _length / DiskBytes)
            Posix.BeginFlush(_file, _length / DiskBytes * DiskBytes, DiskBytes);
        _length += bytes.Length;
    });

    public override ValueTask KeepAsync() => default;

    public override ValueTask RollBackAsync(long length)
    {
        if (length == _length)
            return default;
        RandomAccess.SetLength(_file, length);
        _length = length;
        _hash?.Dispose();
        _hash = null;
        return default;
    }

    public override ValueTask<string> DigestAsync(HashAlgorithmName algorithm, CancellationToken cancellation)
    {
        if (algorithm == HashAlgorithmName.SHA256 && _hash is not null && RandomAccess.GetLength(_file) == _length)
            return new(Digest.Text(algorithm, _hash.GetCurrentHash()));
        return new(Task.Run(() => ReadDigest(algorithm, cancellation), cancellation));
    }

    // Still in turn: nobody can add to the file between its check and its new name.
    public override async Task<BlobPut> StoreAsync(string digest)
    {
        // Again, because a collection was faster than the row: the file is gone with its blob.
        if (_session.Blob is not null)
            return await _blobs.TouchAsync(digest, CancellationToken.None) ? BlobPut.AlreadyThere : throw new UploadGoneException();
        var put = await _blobs.AdoptAsync(digest, _path, CancellationToken.None);
        _session.Blob = (digest, _length);
        return put;
    }

    public override ValueTask DisposeAsync()
    {
        try
        {
            if (_hash is not null)
                _session.Hashed = new HashedFile(_hash, _length, File.GetLastWriteTimeUtc(_file));
        }
        finally
        {
            _file.Dispose();
            _release();
        }
        return default;
    }

    private string ReadDigest(HashAlgorithmName algorithm, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var (at, count) = (0L, 1); count > 0; at += count)
            {
                cancellation.ThrowIfCancellationRequested();
                count = RandomAccess.Read(_file, buffer, at);
                hash.AppendData(buffer, 0, count);
            }
            return Digest.Text(algorithm, hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
