using Amazon.S3;
using Amazon.S3.Model;

namespace Claimed.Registry.Storage.S3;

/// <summary>One object that is put together from parts: nothing of it is at its key until all of it is.</summary>
internal sealed class S3Parts
{
    /// <summary>Every part but the last has at least so many bytes; the protocol says so.</summary>
    public const long LeastPart = 5 * 1024 * 1024;

    // Some servers copy no parts; they are asked once.
    private static volatile bool _copiesNoParts;

    private readonly S3Bucket _bucket;
    private readonly string _key;
    private readonly string _id;
    private readonly List<PartETag> _parts = [];

    private S3Parts(S3Bucket bucket, string key, string id) => (_bucket, _key, _id) = (bucket, key, id);

    public static async Task<S3Parts> BeginAsync(S3Bucket bucket, string key, CancellationToken cancellation)
    {
        var begun = await bucket.MoveAsync((client, stop) => client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = bucket.Name, Key = key }, stop), cancellation);
        return new S3Parts(bucket, key, begun.UploadId);
    }

    /// <summary>Adds a seekable stream.</summary>
    public async Task PutAsync(Stream content, CancellationToken cancellation)
    {
        var number = _parts.Count + 1;
        var put = await _bucket.MoveAsync((client, stop) => client.UploadPartAsync(new UploadPartRequest
        {
            BucketName = _bucket.Name,
            Key = _key,
            UploadId = _id,
            PartNumber = number,
            InputStream = content,
            PartSize = content.Length,
            UseChunkEncoding = false,
        }, stop), cancellation);
        _parts.Add(new PartETag(number, put.ETag));
    }

    /// <summary>Adds an object of the bucket, or a part of it; false when this server cannot.</summary>
    public async Task<bool> TryCopyAsync(string from, long first, long last, CancellationToken cancellation)
    {
        if (_copiesNoParts)
            return false;
        var number = _parts.Count + 1;
        var copied = await _bucket.MoveAsync(async (client, stop) =>
        {
            try
            {
                return await client.CopyPartAsync(new CopyPartRequest
                {
                    SourceBucket = _bucket.Name,
                    SourceKey = from,
                    DestinationBucket = _bucket.Name,
                    DestinationKey = _key,
                    UploadId = _id,
                    PartNumber = number,
                    FirstByte = first,
                    LastByte = last,
                }, stop);
            }
            catch (AmazonS3Exception fault) when (S3Faults.IsNotImplemented(fault))
            {
                return null;
            }
        }, cancellation);
        if (copied is null)
        {
            _copiesNoParts = true;
            return false;
        }
        _parts.Add(new PartETag(number, copied.ETag));
        return true;
    }

    /// <summary>Makes the parts the object.</summary>
    /// <param name="size">Bytes of them all: when an answer was lost and the request sent again, the second answer is that nothing is left to do.</param>
    public Task EndAsync(long size, CancellationToken cancellation) => _bucket.MoveAsync(async (client, stop) =>
    {
        try
        {
            await client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = _bucket.Name, Key = _key, UploadId = _id, PartETags = _parts }, stop);
        }
        catch (AmazonS3Exception gone) when (gone.ErrorCode == "NoSuchUpload")
        {
            if ((await _bucket.FindAsync(_key, stop))?.Size != size)
                throw;
        }
        return true;
    }, cancellation);

    /// <summary>Gives the parts back; what cannot be given back now is collected.</summary>
    public async Task AbandonAsync()
    {
        try
        {
            await _bucket.MoveAsync((client, stop) => client.AbortMultipartUploadAsync(_bucket.Name, _key, _id, stop), CancellationToken.None);
        }
        catch (BlobStoreAwayException)
        {
            // The fault that led here is the one to tell.
        }
    }

    /// <summary>Removes what was begun before then and never ended, or only counts it; a server that keeps no list of them has none to remove.</summary>
    public static async Task<int> DropAsync(S3Bucket bucket, DateTimeOffset begunBefore, bool countOnly, CancellationToken cancellation)
    {
        var dropped = 0;
        string? key = null, id = null;
        while (true)
        {
            var request = new ListMultipartUploadsRequest { BucketName = bucket.Name, Prefix = bucket.Prefix, KeyMarker = key, UploadIdMarker = id };
            var page = await bucket.MoveAsync(async (client, stop) =>
            {
                try
                {
                    return await client.ListMultipartUploadsAsync(request, stop);
                }
                catch (AmazonS3Exception fault) when (S3Faults.IsNotImplemented(fault))
                {
                    return null;
                }
            }, cancellation);
            foreach (var upload in page?.MultipartUploads ?? [])
            {
                if (upload.Initiated is not { } begun || begun.ToUniversalTime() >= begunBefore.UtcDateTime)
                    continue;
                dropped++;
                if (!countOnly)
                    await new S3Parts(bucket, upload.Key, upload.UploadId).AbandonAsync();
            }
            if (page?.IsTruncated != true)
                return dropped;
            (key, id) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
    }
}
