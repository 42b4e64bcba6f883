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
    private const int BufferBytes = 256 * 1024;

    /// <summary>A transfer that nobody reads any more goes on only when so little is missing.</summary>
    private const long NearlyDone = 16 << 20;

    // Open from the start: the file becomes a blob, or goes, while somebody still reads.
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
    private readonly TaskCompletionSource _verified = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _kept = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _written;

    // The transfer itself, and a place for the first reader: a small blob is over before anyone could join.
    private int _users = 2;
    private int _firstPlace = 1;

    public string Digest => digest;

    /// <summary>Bytes, as the registry elsewhere says; null when it does not.</summary>
    public long? Size => size;

    /// <summary>Bytes that came.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Ends when all is here and right, or fails with why it is not.</summary>
    public Task Verified => _verified.Task;

    /// <summary>Ends when the store has it, or could not take it: false. Readers do not wait for that.</summary>
    public Task<bool> Kept => _kept.Task;

    /// <summary>What to tell those who wait for it; null for a fault that is our own.</summary>
    public string? WhyNot(Exception fault) => fault is TransferException broken ? $"{host} did not send blob {digest} as it is: {broken.Message.TrimEnd('.')}." : null;

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

    /// <summary>Gives the first reader's place back, when the one it was for has gone.</summary>
    public void GiveUpFirstPlace()
    {
        if (Interlocked.Exchange(ref _firstPlace, 0) == 1)
            Leave();
    }

    public ValueTask<int> ReadAsync(Memory<byte> buffer, long at, CancellationToken cancellation) => RandomAccess.ReadAsync(_file, buffer, at, cancellation);

    /// <summary>Bytes that may be read, once these are more than the reader has.</summary>
    public async Task<long> MoreThanAsync(long seen, CancellationToken cancellation)
    {
        while (true)
        {
            var moved = Volatile.Read(ref _moved);
            if (_verified.Task.IsCompleted)
            {
                await _verified.Task;
                return Written;
            }
            if (Written - 1 > seen)
                return Written - 1;
            await moved.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Takes the content, and hands it to <paramref name="keep"/> when it is what its digest says. Never throws: whoever reads hears of it.</summary>
    /// <param name="most">Bytes that may come.</param>
    /// <returns>What went wrong with the transfer or the keeping; null when nothing did.</returns>
    public async Task<Exception?> RunAsync(HttpResponseMessage answer, long most, Func<long, Task> keep)
    {
        try
        {
            using (answer)
                await TakeAsync(answer, most);
            _verified.SetResult();
            Move();
            await keep(Written);
            _kept.SetResult(true);
            return null;
        }
        catch (Exception fault)
        {
            if (_verified.TrySetException(fault))
                // Seen here, whether or not somebody still reads.
                _ = _verified.Task.Exception;
            _kept.TrySetResult(false);
            return fault;
        }
        finally
        {
            Move();
            Leave();
        }
    }

    private async Task TakeAsync(HttpResponseMessage answer, long most)
    {
        var algorithm = Storage.Digest.AlgorithmOf(digest);
        using var hash = IncrementalHash.CreateHash(algorithm);
        await using var body = await OutsideBody.OpenAsync(answer, idle);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await body.ReadAsync(buffer) is var count and > 0)
            {
                if (Written + count > (size ?? most))
                    throw new TransferException(size is null ? $"it has more than the {most} bytes that may be kept (Images__Proxies__…__MaxBytes)" : $"more than the {size} bytes came that were said");
                if (Volatile.Read(ref _users) == 1 && !(size - Written <= NearlyDone))
                    throw new TransferException("whoever asked for it has gone");
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
            throw new TransferException($"the {Written} bytes that came are other ones");
    }

    private void Move() => Interlocked.Exchange(ref _moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}

/// <summary>What another registry sent is not what it should be, or broke off.</summary>
internal sealed class TransferException(string message, Exception? cause = null) : Exception(message, cause);
