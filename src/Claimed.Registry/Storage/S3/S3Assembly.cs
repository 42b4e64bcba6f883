using System.Buffers;
using System.Security.Cryptography;

namespace Claimed.Registry.Storage.S3;

/// <summary>Makes one object of the pieces of an upload. It is at its key only whole; what is left when it does not come to its end is collected.</summary>
internal sealed class S3Assembly(S3Bucket bucket, TemporaryFiles temporary)
{
    private const int BufferBytes = 256 * 1024;

    private const long MostAtOnce = 256 * 1024 * 1024;

    /// <param name="rest">Bytes after the pieces that are still on this machine.</param>
    public async Task StoreAsync(string key, IReadOnlyList<S3Piece> pieces, S3Spool? rest, CancellationToken cancellation)
    {
        var size = (pieces.LastOrDefault()?.End ?? 0) + (rest?.Length ?? 0);
        if (pieces.Count == 0)
        {
            await using var whole = rest?.Open() ?? new MemoryStream([], writable: false);
            await bucket.PutAsync(key, whole, cancellation);
        }
        // An object at once where it is one already, unless copying it might take longer than a request may.
        else if (pieces.Count > 1 || rest is { Length: > 0 } || size > MostAtOnce || !await bucket.TryCopyAsync(pieces[0].Key, key, cancellation))
        {
            await JoinAsync(key, size, pieces, rest, cancellation);
        }
    }

    /// <summary>Reads what was uploaded from its first byte to its last.</summary>
    public static async Task<string> DigestAsync(S3Bucket bucket, IReadOnlyList<S3Piece> pieces, S3Spool? rest, HashAlgorithmName algorithm, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            foreach (var piece in pieces)
            {
                await using var content = new S3BlobStream(bucket, piece.Key, piece.Size);
                while (await content.ReadAsync(buffer, cancellation) is var read and > 0)
                    hash.AppendData(buffer, 0, read);
            }
            await using var last = rest?.Open() ?? Stream.Null;
            while (await last.ReadAsync(buffer, cancellation) is var read and > 0)
                hash.AppendData(buffer, 0, read);
            return Digest.Text(algorithm, hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task SendWholeAsync(string key, IReadOnlyList<S3Piece> pieces, S3Spool? rest, CancellationToken cancellation)
    {
        using var whole = new S3Spool(temporary);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            foreach (var piece in pieces)
            {
                await using var content = new S3BlobStream(bucket, piece.Key, piece.Size);
                while (await content.ReadAsync(buffer, cancellation) is var read and > 0)
                    whole.Write(buffer.AsSpan(0, read));
            }
            await using var last = rest?.Open() ?? Stream.Null;
            while (await last.ReadAsync(buffer, cancellation) is var read and > 0)
                whole.Write(buffer.AsSpan(0, read));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        await using var all = whole.Open();
        await bucket.PutAsync(key, all, cancellation);
    }

    /// <summary>
    /// Pieces that are large enough are copied at the server. Small ones, as a client makes that sends small chunks, are read and sent again
    /// as one, because every part but the last has a least size; so is everything where the server copies no parts.
    /// </summary>
    private async Task JoinAsync(string key, long size, IReadOnlyList<S3Piece> pieces, S3Spool? rest, CancellationToken cancellation)
    {
        if (size <= S3BlobStore.PieceBytes)
        {
            await SendWholeAsync(key, pieces, rest, cancellation);
            return;
        }
        var parts = await S3Parts.BeginAsync(bucket, key, cancellation);
        using var small = new S3Spool(temporary);
        try
        {
            foreach (var piece in pieces)
            {
                if (small.Length >= S3Parts.LeastPart)
                    await SendAsync();
                var copied = 0L;
                while (small.Length == 0 && piece.Size - copied >= S3Parts.LeastPart
                    && await parts.TryCopyAsync(piece.Key, copied, Math.Min(copied + MostAtOnce, piece.Size) - 1, cancellation))
                    copied = Math.Min(copied + MostAtOnce, piece.Size);
                await using var content = new S3BlobStream(bucket, piece.Key, piece.Size) { Position = copied };
                await AddAsync(content);
            }
            if (rest is { Length: > 0 })
            {
                if (small.Length >= S3Parts.LeastPart)
                    await SendAsync();
                await using var last = rest.Open();
                await AddAsync(last);
            }
            if (small.Length > 0)
                await SendAsync();
            await parts.EndAsync(size, cancellation);
        }
        catch
        {
            await parts.AbandonAsync();
            throw;
        }

        async Task AddAsync(Stream content)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                while (await content.ReadAsync(buffer, cancellation) is var read and > 0)
                {
                    small.Write(buffer.AsSpan(0, read));
                    if (small.Length >= S3BlobStore.PieceBytes)
                        await SendAsync();
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        async Task SendAsync()
        {
            await using (var content = small.Open())
                await parts.PutAsync(content, cancellation);
            small.SetLength(0);
        }
    }
}
