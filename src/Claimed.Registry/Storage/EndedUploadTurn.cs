using System.Security.Cryptography;

namespace Claimed.Registry.Storage;

/// <summary>
/// A turn at an upload whose file is a blob already, because its row could not be written: the end may be asked for again, and nothing can be
/// added. Only the process that made the blob knows of it; elsewhere the upload is gone, and the layer is sent again.
/// </summary>
internal sealed class EndedUploadTurn(UploadSession session, IBlobStore blobs, string blob, long length, Action release) : UploadTurn
{
    public override UploadSession Session => session;

    public override long Length => length;

    public override Task WriteAsync(ReadOnlyMemory<byte> bytes) => throw new UploadGoneException();

    public override ValueTask KeepAsync() => default;

    public override ValueTask RollBackAsync(long to) => to == length ? default : throw new UploadGoneException();

    public override ValueTask<string> DigestAsync(HashAlgorithmName algorithm, CancellationToken cancellation) =>
        algorithm == Digest.AlgorithmOf(blob) ? new(blob) : throw new UploadGoneException();

    public override async Task<BlobPut> StoreAsync(string digest) =>
        await blobs.TouchAsync(blob, CancellationToken.None) ? BlobPut.AlreadyThere : throw new UploadGoneException();

    public override ValueTask DisposeAsync()
    {
        release();
        return default;
    }
}
