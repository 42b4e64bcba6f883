using System.Buffers;
using System.Security.Cryptography;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>One upload: a file that grows, and the SHA-256 of what it holds while that is known.</summary>
public sealed class UploadSession(string id, string path, long length)
{
    private const int BufferBytes = 256 * 1024;

    // Hashes the first Length bytes; null after a restart or a roll-back, when the file must be read again.
    private IncrementalHash? _hash = length == 0 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;

    public string Id => id;

    public string Path => path;

    public long Length { get; private set; } = length;

    /// <summary>Held by the one request that writes: a cut request may still be ending when its successor comes.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

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
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
            var (count, cut) = await body.FillAsync(filling);
            while (count > 0 && Length - began + count <= limit)
            {
                (filling, writing) = (writing, filling);
                var write = Write(file, writing.AsMemory(0, count));
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
        if (length == Length && new FileInfo(path).Length == length)
            return;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, length);
        Length = length;
        Forget();
    }

    /// <summary>Digest of everything that was uploaded, in this algorithm.</summary>
    public async Task<string> DigestAsync(HashAlgorithmName algorithm, CancellationToken cancellation)
    {
        if (algorithm == HashAlgorithmName.SHA256 && _hash is not null)
            return Digest.Text(algorithm, _hash.GetCurrentHash());
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferBytes, FileOptions.Asynchronous);
        return Digest.Text(algorithm, await CryptographicOperations.HashDataAsync(algorithm, file, cancellation));
    }

    private Task Write(Microsoft.Win32.SafeHandles.SafeFileHandle file, ReadOnlyMemory<byte> bytes) => Task.Run(() =>
    {
        try
        {
            RandomAccess.Write(file, bytes.Span, Length);
        }
        catch (IOException)
        {
            // A part may have been written; the file must not be longer than what is counted and hashed.
            RandomAccess.SetLength(file, Length);
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
