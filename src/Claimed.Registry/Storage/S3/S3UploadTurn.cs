using System.Security.Cryptography;

namespace Claimed.Registry.Storage.S3;

/// <summary>
/// Writes go through a file of this machine that becomes a piece when it is full; while one piece is sent the next one fills. So a transfer
/// needs two pieces of disk and next to no memory, however many there are.
/// </summary>
internal sealed class S3UploadTurn : UploadTurn
{
    private readonly S3Upload _session;
    private readonly S3Uploads _uploads;
    private readonly List<S3Piece> _pieces;
    private readonly IAsyncDisposable? _alone;
    private readonly Action _release;
    private S3Spool? _spool;
    private Task _sending = Task.CompletedTask;

    // Where the file begins: everything before is in pieces, or on its way.
    private long _spoolFirst;

    // Of exactly the first bytes up to the length; null when only reading the pieces can tell.
    private IncrementalHash? _hash;

    internal S3UploadTurn(S3Upload session, S3Uploads uploads, List<S3Piece> pieces, IAsyncDisposable? alone, Action release)
    {
        (_session, _uploads, _pieces, _alone, _release) = (session, uploads, pieces, alone, release);
        _spoolFirst = pieces.LastOrDefault()?.End ?? 0;
        if (_spoolFirst == 0)
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        else if (session.Hashed is { } known && known.Pieces.SequenceEqual(pieces))
            _hash = known.Hash;
        // Another process went on with it, or took something back.
        if (session.Hashed?.Hash is { } stale && stale != _hash)
            stale.Dispose();
        session.Hashed = null;
    }

    public override UploadSession Session => _session;

    public override long Length => _spoolFirst + (_spool?.Length ?? 0);

    public override async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        _spool ??= new S3Spool(_uploads.Temporary);
        await Task.Run(() =>
        {
            _spool.Write(bytes.Span);
            _hash?.AppendData(bytes.Span);
        });
        if (_spool.Length >= S3BlobStore.PieceBytes)
            await SendAsync();
    }

    public override async ValueTask KeepAsync()
    {
        await SendAsync();
        await _sending;
    }

    public override async ValueTask RollBackAsync(long length)
    {
        if (length == Length)
            return;
        _hash?.Dispose();
        _hash = null;
        if (length >= _spoolFirst)
        {
            _spool!.SetLength(length - _spoolFirst);
            return;
        }
        _spool?.SetLength(0);
        await _sending;
        while (_pieces.Count > 0 && _pieces[^1].First >= length)
        {
            await _uploads.Bucket.DeleteAsync(_pieces[^1].Key, CancellationToken.None);
            _pieces.RemoveAt(_pieces.Count - 1);
        }
        _spoolFirst = _pieces.LastOrDefault()?.End ?? 0;
        if (_spoolFirst != length)
            throw new InvalidOperationException("A turn takes back what it wrote, and its pieces begin where it began.");
    }

    public override async ValueTask<string> DigestAsync(HashAlgorithmName algorithm, CancellationToken cancellation)
    {
        if (algorithm == HashAlgorithmName.SHA256 && _hash is not null)
            return Digest.Text(algorithm, _hash.GetCurrentHash());
        await _sending;
        return await S3Assembly.DigestAsync(_uploads.Bucket, _pieces, _spool, algorithm, cancellation);
    }

    public override async Task<BlobPut> StoreAsync(string digest)
    {
        await _sending;
        var blobs = _uploads.Blobs;
        var key = blobs.KeyOf(digest);
        var put = await blobs.StateAsync(key, CancellationToken.None);
        await new S3Assembly(_uploads.Bucket, _uploads.Temporary).StoreAsync(key, _pieces, _spool, CancellationToken.None);
        return blobs.Count(put, Length);
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            // What fails here failed before, and was told; the next turn reads how far the upload came.
            await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_hash is not null && _spool is null or { Length: 0 })
                _session.Hashed = new HashedPieces(_hash!, _pieces);
            else
                _hash?.Dispose();
        }
        finally
        {
            _spool?.Dispose();
            if (_alone is not null)
                await _alone.DisposeAsync();
            _release();
        }
    }

    /// <summary>Has the file sent, once the one before is.</summary>
    private async Task SendAsync()
    {
        await _sending;
        if (_spool is not { Length: > 0 } full)
            return;
        var piece = new S3Piece(S3Piece.KeyOf(_session.Folder, _spoolFirst), _spoolFirst, full.Length);
        (_spool, _spoolFirst) = (null, piece.End);
        _pieces.Add(piece);
        _sending = PutAsync(piece, full);
    }

    private async Task PutAsync(S3Piece piece, S3Spool full)
    {
        try
        {
            await using var content = full.Open();
            await _uploads.Bucket.PutAsync(piece.Key, content, CancellationToken.None);
        }
        catch
        {
            // From here on the upload ends where this piece would have begun.
            _pieces.Remove(piece);
            _hash?.Dispose();
            _hash = null;
            throw;
        }
        finally
        {
            full.Dispose();
        }
    }
}

/// <summary>A file of this machine that collects a piece; gone when it is closed, and collected when the process was killed.</summary>
internal sealed class S3Spool(TemporaryFiles temporary) : IDisposable
{
    private readonly FileStream _file = new(temporary.PathOf("piece-" + Guid.CreateVersion7().ToString("N")), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        BufferSize = 0,
        Options = FileOptions.DeleteOnClose,
    });

    public long Length { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_file.SafeFileHandle, bytes, Length);
        Length += bytes.Length;
    }

    public void SetLength(long length)
    {
        RandomAccess.SetLength(_file.SafeFileHandle, length);
        Length = length;
    }

    /// <summary>All of it as a stream.</summary>
    public Stream Open() => new FilePart(_file.SafeFileHandle, 0, Length);

    public void Dispose() => _file.Dispose();
}
