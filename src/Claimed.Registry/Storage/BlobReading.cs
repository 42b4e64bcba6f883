using System.Security.Cryptography;

namespace Claimed.Registry.Storage;

/// <summary>Short ways to whole blobs, for those that fit into memory.</summary>
public static class BlobReading
{
    /// <summary>Opens a blob from its first byte to its last, or null when it is absent.</summary>
    public static ValueTask<Stream?> OpenAsync(this IBlobStore blobs, string digest, CancellationToken cancellation) => blobs.OpenAsync(digest, 0, null, cancellation);

    /// <summary>The bytes, checked against the digest.</summary>
    /// <exception cref="BlobLostException">The blob is missing or damaged.</exception>
    public static async Task<byte[]> ReadAllAsync(this IBlobStore blobs, string digest, CancellationToken cancellation)
    {
        byte[] bytes;
        try
        {
            await using var stream = await blobs.OpenAsync(digest, cancellation) ?? throw BlobLostException.Missing(digest);
            bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, cancellation);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BlobLostException(digest, "cannot be read", fault);
        }
        return Digest.Matches(digest, bytes) ? bytes : throw new BlobLostException(digest, "is damaged: its bytes have another digest");
    }

    /// <summary>Null when a blob's bytes have its digest, else what is wrong with it.</summary>
    /// <param name="pace">Called after each piece with its length; may wait.</param>
    public static async Task<string?> CheckAsync(this IBlobStore blobs, string digest, Func<int, Task> pace, CancellationToken cancellation)
    {
        try
        {
            await using var stream = await blobs.OpenAsync(digest, cancellation);
            if (stream is null)
                return "missing";
            using var hash = IncrementalHash.CreateHash(Digest.AlgorithmOf(digest));
            var buffer = new byte[256 * 1024];
            while (await stream.ReadAsync(buffer, cancellation) is var read and > 0)
            {
                hash.AppendData(buffer, 0, read);
                await pace(read);
            }
            return Digest.Text(Digest.AlgorithmOf(digest), hash.GetHashAndReset()) == digest ? null : "damaged";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "unreadable";
        }
    }
}

/// <summary>A blob that a row names is not there, or not as it was stored.</summary>
public sealed class BlobLostException(string digest, string what, Exception? cause = null) : Exception($"Blob {digest} {what}.", cause)
{
    public string Digest => digest;

    public static BlobLostException Missing(string digest) => new(digest, "is missing from the store");
}
