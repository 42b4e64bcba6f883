using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Claimed.Registry.Images.Proxies;

/// <summary>
/// A blob on its way from elsewhere: one transfer into a file, which any number of clients read as it grows. Its last byte is held back
/// until the digest is right, so nobody ever has the whole of a wrong one.
/// </summary>
internal sealed class BlobFetch(string host, string digest, long? size, string path, TimeSpan idle)
{
    // Open from the start: the file becomes a blob, or goes, while somebody still reads.
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);

    // The transfer itself, and a place for the first reader: a small blob is over before anyone could join.
    private int _users = 2;
    private int _firstPlace = 1;

    private const int BufferBytes = 256 * 1024;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _written;

    public string Digest => digest;

    /// <summary>Bytes, as the registry elsewhere says; null when it does not.</summary>
    public long? Size => size;

    /// <summary>Bytes that came.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Ends when the blob is stored, or fails with why it is not.</summary>
    public Task Done => _done.Task;

    /// <summary>Whether the store has it now. One that is larger than what the proxy may keep is handed on alone.</summary>
    public bool IsKept { get; private set; }

    /// <summary>What to tell those who wait for it.</summary>
    public string WhyNot(Exception fault) =>
        $"{host} did not send blob {digest} as it is: {(fault is StalledException ? "it stood still for too long" : fault.Message.TrimEnd('.'))}.";

    /// <summary>Whether a reader may join; who has joined leaves once. False when all is over.</summary>
    public bool TryJoin()
    {
        if (Interlocked.Exchange(ref _firstPlace, 0) == 1)
            return true;
        while (Volatile.Read(ref _users) is > 0 and var users)
        {
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users)
                return true;
        }
        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            _file.Dispose();
    }

    public ValueTask<int> ReadAsync(Memory<byte> buffer, long at, CancellationToken cancellation) => RandomAccess.ReadAsync(_file, buffer, at, cancellation);

    /// <summary>Bytes that may be read, once these are more than the reader has.</summary>
    public async Task<long> MoreThanAsync(long seen, CancellationToken cancellation)
    {
        while (true)
        {
            var moved = Volatile.Read(ref _moved);
            if (_done.Task.IsCompleted)
            {
                await _done.Task;
                return Written;
            }
            if (Written - 1 > seen)
                return Written - 1;
            await moved.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Takes the content, and hands it to <paramref name="keep"/> when it is what its digest says. Never throws: whoever reads hears of it.</summary>
    public async Task RunAsync(HttpResponseMessage answer, Func<long, Task<bool>> keep)
    {
        try
        {
            using (answer)
                await TakeAsync(answer);
            IsKept = await keep(Written);
            _done.SetResult();
        }
        catch (Exception fault)
        {
            _done.SetException(fault);
            // Seen here, whether or not somebody still reads.
            _ = _done.Task.Exception;
        }
        finally
        {
            Move();
            Leave();
        }
    }

    private async Task TakeAsync(HttpResponseMessage answer)
    {
        var algorithm = Storage.Digest.AlgorithmOf(digest);
        using var hash = IncrementalHash.CreateHash(algorithm);
        await using var body = await OutsideBody.OpenAsync(answer, idle);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await body.ReadAsync(buffer) is var count and > 0)
            {
                if (size is { } said && Written + count > said)
                    throw new InvalidDataException($"more than the {said} bytes came that were said");
                RandomAccess.Write(_file, buffer.AsSpan(0, count), Written);
                hash.AppendData(buffer, 0, count);
                Volatile.Write(ref _written, Written + count);
                Move();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        if (Storage.Digest.Text(algorithm, hash.GetHashAndReset()) != digest)
            throw new InvalidDataException($"the {Written} bytes that came are not {digest}");
    }

    private void Move() => Interlocked.Exchange(ref _moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
