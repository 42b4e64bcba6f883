using System.Runtime.CompilerServices;
using Claimed.Database;
using Claimed.Registry.Telemetry;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage.S3;

/// <summary>
/// Blobs as objects: <c>{prefix}blobs/sha256/ab/abcd…</c>. An object is at its key only whole, and an answer comes after the server's. That a
/// blob was touched is an empty object beside it, <c>{prefix}touched/…</c>: to copy a layer onto itself would move gigabytes, for some servers
/// through parts, and in a bucket with versions keep them twice.
/// </summary>
internal sealed class S3BlobStore(
    S3Bucket bucket, S3Guard guard, TemporaryFiles temporary, IOptions<BlobOptions> options, RegistryMetrics metrics, TimeProvider clock) : IBlobStore
{
    /// <summary>What is moved at once, and so what a transfer may need of a disk.</summary>
    public const int PieceBytes = 16 * 1024 * 1024;

    private const int LooksAtOnce = 16;

    private static readonly TimeSpan Young = CollectionOptions.LeastGrace / 3;

    // Below this a second connection costs a client more than the bytes cost us.
    private const long SmallBytes = 64 * 1024;

    public string TemporaryPath(string name) => temporary.PathOf(name);

    // Always sent, also when it is there: that mends bytes that went bad, and is a touch.
    public async Task<BlobPut> PutAsync(string digest, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var key = KeyOf(digest);
        var put = await StateAsync(key, cancellation);
        using var stream = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(content, out var bytes)
            ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
            : new MemoryStream(content.ToArray(), writable: false);
        await bucket.PutAsync(key, stream, cancellation);
        return Count(put, content.Length);
    }

    public async Task<BlobPut> AdoptAsync(string digest, string path, CancellationToken cancellation)
    {
        var key = KeyOf(digest);
        var put = await StateAsync(key, cancellation);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous);
        if (file.Length <= PieceBytes)
            await bucket.PutAsync(key, file, cancellation);
        else
            await SendPartsAsync(key, file, cancellation);
        File.Delete(path);
        return Count(put, file.Length);
    }

    public async ValueTask<Stream?> OpenAsync(string digest, long first, long? count, CancellationToken cancellation)
    {
        var key = KeyOf(digest);
        if (count == 0)
            return await bucket.FindAsync(key, cancellation) is { } found ? new S3BlobStream(bucket, key, found.Size) { Position = first } : null;
        return await bucket.OpenAsync(key, first, count is null ? null : first + count - 1, cancellation) is { } body
            ? new S3BlobStream(bucket, key, body.Size).Beginning(body.Content, first)
            : null;
    }

    public async ValueTask<StoredBlob?> FindAsync(string digest, CancellationToken cancellation)
    {
        var touch = bucket.FindAsync(TouchKeyOf(digest), cancellation);
        var found = await bucket.FindAsync(KeyOf(digest), cancellation);
        var touched = await touch;
        return found is null ? null : Stored(digest, found, touched?.At);
    }

    /// <summary>
    /// Nothing to do for what is young. The time is the server's and a grace is counted by the clock of whoever collects: the two must differ by
    /// less than the grace without a third of the shortest one. If they do not, a blob may go between a push's first layer and its manifest,
    /// which then says so; a row that names it is safe by <see cref="S3Guard"/>, which compares no times.
    /// </summary>
    public async ValueTask<bool> TouchAsync(string digest, CancellationToken cancellation)
    {
        if (await bucket.FindAsync(KeyOf(digest), cancellation) is not { } blob)
            return false;
        var young = clock.GetUtcNow() - Young;
        if (blob.At < young && !(await bucket.FindAsync(TouchKeyOf(digest), cancellation) is { } touch && touch.At >= young))
            await bucket.PutAsync(TouchKeyOf(digest), new MemoryStream([], writable: false), cancellation);
        return true;
    }

    // Before the transaction takes what all others wait for; the guard keeps the answer true until the commit.
    public async ValueTask<BlobHold> HoldAsync(IReadOnlyCollection<string> digests, RegistryContext transaction, CancellationToken cancellation)
    {
        if (digests.Count == 0)
            return new Held(null, null);
        var hold = await guard.NamingAsync(transaction, cancellation);
        try
        {
            string? lost = null;
            await Parallel.ForEachAsync(digests.Distinct(StringComparer.Ordinal), new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = cancellation }, async (digest, stop) =>
            {
                if (!await TouchAsync(digest, stop))
                    lost = digest;
            });
            return new Held(lost, hold);
        }
        catch
        {
            hold?.Dispose();
            throw;
        }
    }

    public async IAsyncEnumerable<StoredBlob> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var touches = new Dictionary<UInt128, DateTimeOffset>();
        await foreach (var touch in bucket.ListAsync($"{bucket.Prefix}touched/", cancellation))
        {
            if (DigestOf(touch.Key) is { } digest)
                touches[NamedBlobs.Short(digest)] = touch.At;
        }
        await foreach (var found in bucket.ListAsync($"{bucket.Prefix}blobs/", cancellation))
        {
            if (DigestOf(found.Key) is { } digest)
                yield return Stored(digest, found, touches.TryGetValue(NamedBlobs.Short(digest), out var at) ? at : null);
        }
    }

    // Mostly there is nothing to do, and then nobody has to wait for the look.
    public async ValueTask<bool> DeleteIdleAsync(string digest, DateTimeOffset idleSince, CancellationToken cancellation) =>
        await guard.LookingAsync(db => IsIdleAsync(db, digest, idleSince, cancellation), cancellation) && await guard.RemovingAsync(async db =>
    {
        if (!await IsIdleAsync(db, digest, idleSince, cancellation))
            return false;
        // A touch without a blob would be found by nobody.
        await bucket.DeleteAsync(TouchKeyOf(digest), cancellation);
        await bucket.DeleteAsync(KeyOf(digest), cancellation);
        return true;
    }, cancellation);

    private async Task<bool> IsIdleAsync(RegistryContext db, string digest, DateTimeOffset idleSince, CancellationToken cancellation) =>
        await FindAsync(digest, cancellation) is { } blob && blob.Touched < idleSince && !await NamedBlobs.IsNamedAsync(db, digest, cancellation);

    public async ValueTask<bool> QuarantineAsync(StoredBlob seen, CancellationToken cancellation)
    {
        // Copied before anybody has to wait: a layer may take minutes.
        var aside = $"{bucket.Prefix}quarantine/{seen.Digest.Replace(':', '-')}";
        if (!seen.IsStill(await FindAsync(seen.Digest, cancellation)))
            return false;
        if (seen.Size > 0)
            await new S3Assembly(bucket, temporary).StoreAsync(aside, [new S3Piece(KeyOf(seen.Digest), 0, seen.Size)], null, cancellation);
        var removed = await guard.RemovingAsync(async _ =>
        {
            if (!seen.IsStill(await FindAsync(seen.Digest, cancellation)))
                return false;
            await bucket.DeleteAsync(KeyOf(seen.Digest), cancellation);
            return true;
        }, cancellation);
        if (!removed)
            await bucket.DeleteAsync(aside, cancellation);
        return removed;
    }

    public async ValueTask<string?> LinkAsync(string digest, long size) =>
        options.Value.S3.PresignedRedirects && size > SmallBytes ? await bucket.SignAsync(KeyOf(digest)) : null;

    public async ValueTask<string?> ObstacleAsync(TimeSpan limit, CancellationToken cancellation) => (await bucket.TryAsync(limit, cancellation))?.Message;

    /// <summary>What putting a blob at this key will have been.</summary>
    internal async Task<BlobPut> StateAsync(string key, CancellationToken cancellation) => await bucket.FindAsync(key, cancellation) is null ? BlobPut.Created : BlobPut.AlreadyThere;

    internal BlobPut Count(BlobPut put, long size)
    {
        if (put == BlobPut.Created)
            metrics.BlobStored(size);
        return put;
    }

    internal string KeyOf(string digest) => $"{bucket.Prefix}blobs/{PathOf(digest)}";

    private string TouchKeyOf(string digest) => $"{bucket.Prefix}touched/{PathOf(digest)}";

    private static string PathOf(string digest)
    {
        if (!Digest.IsKnown(digest))
            throw new ArgumentException($"\"{digest}\" is not a digest.", nameof(digest));
        var colon = digest.IndexOf(':');
        return $"{digest[..colon]}/{digest[(colon + 1)..(colon + 3)]}/{digest[(colon + 1)..]}";
    }

    /// <summary>Null for keys that are not ours.</summary>
    private static string? DigestOf(string key) =>
        key.Split('/') is [.., var algorithm, _, var hex] && Digest.IsKnown($"{algorithm}:{hex}") ? $"{algorithm}:{hex}" : null;

    private static StoredBlob Stored(string digest, S3Entry found, DateTimeOffset? touched) =>
        new(digest, found.Size, touched > found.At ? touched.Value : found.At) { Tag = $"{found.Tag} {found.At.UtcTicks}" };

    private async Task SendPartsAsync(string key, FileStream file, CancellationToken cancellation)
    {
        var parts = await S3Parts.BeginAsync(bucket, key, cancellation);
        try
        {
            for (var at = 0L; at < file.Length; at += PieceBytes)
                await parts.PutAsync(new FilePart(file.SafeFileHandle, at, Math.Min(PieceBytes, file.Length - at)), cancellation);
            await parts.EndAsync(file.Length, cancellation);
        }
        catch
        {
            await parts.AbandonAsync();
            throw;
        }
    }

    private sealed class Held(string? lost, IDisposable? hold) : BlobHold
    {
        public override ValueTask<string?> LostAsync(CancellationToken cancellation) => new(lost);

        public override ValueTask DisposeAsync()
        {
            hold?.Dispose();
            return default;
        }
    }
}
