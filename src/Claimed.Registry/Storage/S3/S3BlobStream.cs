namespace Claimed.Registry.Storage.S3;

/// <summary>
/// A blob that is read from the server as the reader goes, without being kept anywhere. A connection that breaks is begun again where it
/// broke; the bytes of a key are always the same.
/// </summary>
internal sealed class S3BlobStream(S3Bucket bucket, string key, long length) : Stream
{
    private const int Tries = 3;

    // The server may take its time, but not stand still for ever.
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    private Stream? _body;
    private long _bodyAt;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    /// <summary>Uses an answer that has begun at this position.</summary>
    public S3BlobStream Beginning(Stream body, long at)
    {
        (_body, _bodyAt, _position) = (body, at, at);
        return this;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0 || _position >= length)
            return 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var read = await ReadOnceAsync(buffer, cancellationToken);
                _position += read;
                _bodyAt = _position;
                return read;
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested && fault is not BlobStoreAwayException && S3Faults.IsAway(fault))
            {
                await DropAsync();
                if (attempt == Tries)
                    throw S3Faults.Away(fault);
            }
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => _position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };

    public override async ValueTask DisposeAsync()
    {
        await DropAsync();
        await base.DisposeAsync();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A blob of an S3 server is read asynchronously.");

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _body?.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(IdleLimit);
        if (_body is not null && _bodyAt == _position && await _body.ReadAsync(buffer, stop.Token) is var read and > 0)
            return read;
        // Elsewhere, or at the end of the part that was asked for.
        await DropAsync();
        var answer = await bucket.OpenAsync(key, _position, null, cancellation) ?? throw new BlobStoreAwayException("The blob was removed while it was read.");
        (_body, _bodyAt) = (answer.Content, _position);
        return await _body.ReadAsync(buffer, stop.Token) is var first and > 0 ? first : throw new IOException("The answer of the S3 server ended too early.");
    }

    private async ValueTask DropAsync()
    {
        if (_body is { } body)
            await body.DisposeAsync();
        _body = null;
    }
}
