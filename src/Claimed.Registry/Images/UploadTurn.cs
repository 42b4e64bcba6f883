using System.Buffers;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Microsoft.Win32.SafeHandles;

namespace Claimed.Registry.Images;

/// <summary>The one request that writes to an upload: while it lasts no other does, in whichever process.</summary>
public sealed class UploadTurn : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    private readonly UploadSession _session;
    private readonly SafeFileHandle _file;
    private readonly Action _release;

    // Of exactly the first Length bytes; null when only reading the file can tell.
    private IncrementalHash? _hash;

    internal UploadTurn(UploadSession session, SafeFileHandle file, Action release)
    {
        (_session, _file, _release) = (session, file, release);
        Length = RandomAccess.GetLength(file);
        if (Length == 0)
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        else if (session.Hashed is { } known && known.Length == Length && known.Written == File.GetLastWriteTimeUtc(file))
            _hash = known.Hash;
        // Another process went on with it, or took something back.
        if (session.Hashed?.Hash is { } stale && stale != _hash)
            stale.Dispose();
        session.Hashed = null;
    }

    public UploadSession Session => _session;

    /// <summary>Bytes that the file holds.</summary>
    public long Length { get; private set; }

    /// <summary>
    /// Appends the body, at most <paramref name="limit"/> bytes, and says how many came. While one buffer is hashed and written the next
    /// one fills. Of a body that is cut off, what arrived stays; then the cut is thrown.
    /// </summary>
    public async Task<long> AppendAsync(IdleBody body, long limit = long.MaxValue)
    {
        var began = Length;
        var (filling, writing) = (ArrayPool<byte>.Shared.Rent(BufferBytes), ArrayPool<byte>.Shared.Rent(BufferBytes));
        try
        {
            var (count, cut) = await body.FillAsync(filling);
            while (count > 0 && Length - began + count <= limit)
            {
                (filling, writing) = (writing, filling);
                var write = WriteAsync(writing.AsMemory(0, count));
                var next = cut is null && count == writing.Length ? await body.FillAsync(filling) : (0, cut);
                await write;
                (count, cut) = next;
            }
            if (cut is not null)
                throw cut;
            return Length - began + count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(writing);
        }
    }

    /// <summary>Takes back what was appended since the upload had this length.</summary>
    public void RollBack(long length)
    {
        if (length == Length)
            return;
        RandomAccess.SetLength(_file, length);
        Length = length;
        Forget();
    }

    /// <summary>Digest of everything that was uploaded, in this algorithm.</summary>
    public Task<string> DigestAsync(HashAlgorithmName algorithm, CancellationToken cancellation)
    {
        if (algorithm == HashAlgorithmName.SHA256 && _hash is not null && RandomAccess.GetLength(_file) == Length)
            return Task.FromResult(Digest.Text(algorithm, _hash.GetCurrentHash()));
        return Task.Run(() => ReadDigest(algorithm, cancellation), cancellation);
    }

    /// <summary>Lets the next one write, which may be this process or another.</summary>
    public void Dispose()
    {
        try
        {
            if (_hash is not null)
                _session.Hashed = new HashedFile(_hash, Length, File.GetLastWriteTimeUtc(_file));
        }
        finally
        {
            _file.Dispose();
            _release();
        }
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

    private Task WriteAsync(ReadOnlyMemory<byte> bytes) => Task.Run(() =>
    {
        try
        {
            RandomAccess.Write(_file, bytes.Span, Length);
        }
        catch (IOException)
        {
            // A part may have been written; the file must not be longer than what is counted and hashed.
            RandomAccess.SetLength(_file, Length);
            throw;
        }
        _hash?.AppendData(bytes.Span);
        Length += bytes.Length;
    });

    private void Forget()
    {
        _hash?.Dispose();
        _hash = null;
    }
}
