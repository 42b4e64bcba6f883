namespace Claimed.Registry.Publish;

/// <summary>A stream that is read from its beginning to its end, asynchronously: a request's body knows nothing else.</summary>
internal abstract class ReadOnlyStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Reads on until a limit; what an archive unpacks to is bounded even where no file of it is kept.</summary>
internal sealed class BoundedStream(Stream inner, long limit, Func<Exception> passed, TarGuard? guard = null) : ReadOnlyStream
{
    private long _read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        return Passed(buffer.Span[..read]);
    }

    private int Passed(ReadOnlySpan<byte> bytes)
    {
        _read += bytes.Length;
        if (_read > limit)
            throw passed();
        guard?.Pass(bytes);
        return bytes.Length;
    }
}

/// <summary>The first bytes of a stream, which were read to know what it is, and then the rest of it.</summary>
internal sealed class BegunStream(ReadOnlyMemory<byte> begun, Stream rest) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _begun = begun;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_begun.Length == 0)
            return await rest.ReadAsync(buffer, cancellationToken);
        var count = Math.Min(buffer.Length, _begun.Length);
        _begun[..count].CopyTo(buffer);
        _begun = _begun[count..];
        return count;
    }
}
