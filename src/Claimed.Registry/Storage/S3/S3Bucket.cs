using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Claimed.Registry.Storage.S3;

/// <summary>An object as the server lists it.</summary>
/// <param name="Tag">The server's name for this very content.</param>
internal sealed record S3Entry(string Key, long Size, DateTimeOffset At, string Tag);

/// <summary>What a GET brings: <paramref name="Size"/> is that of the whole object.</summary>
internal sealed record S3Body(Stream Content, long Size);

/// <summary>
/// The bucket. Every request ends within a bound, and what the server does not do, or the way to it, becomes a
/// <see cref="BlobStoreAwayException"/>.
/// </summary>
internal sealed partial class S3Bucket : IDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    // With its retries: a look, and what moves up to a piece of an upload.
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MoveLimit = TimeSpan.FromMinutes(5);
    private const int Retries = 3;

    private readonly S3Options _options;
    private readonly TimeProvider _clock;
    private readonly AmazonS3Client _client;
    private readonly AmazonS3Client _signer;
    private readonly ILogger _logger;
    private int _isAway;

    public S3Bucket(S3Options options, TimeProvider clock, ILogger<S3Bucket> logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        _client = Client(options, options.ServiceUrl);
        _signer = options.PublicUrl.Length > 0 ? Client(options, options.PublicUrl) : _client;
    }

    public string Name => _options.Bucket;

    public string Prefix => _options.Prefix;

    public void Dispose()
    {
        _client.Dispose();
        _signer.Dispose();
    }

    /// <summary>Null when there is no such object.</summary>
    public Task<S3Entry?> FindAsync(string key, CancellationToken cancellation) => RunAsync(LookLimit, async stop =>
    {
        try
        {
            var found = await _client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = Name, Key = key }, stop);
            return new S3Entry(key, found.ContentLength, TimeOf(found.LastModified), found.ETag ?? "");
        }
        catch (AmazonS3Exception absent) when (S3Faults.IsAbsent(absent))
        {
            return null;
        }
    }, cancellation);

    /// <summary>Begins to read, at <paramref name="first"/> and up to <paramref name="last"/> (included) or the end; null when there is no such object.</summary>
    public Task<S3Body?> OpenAsync(string key, long first, long? last, CancellationToken cancellation) => RunAsync(LookLimit, async stop =>
    {
        try
        {
            var range = first == 0 && last is null ? null : new ByteRange(first, last ?? long.MaxValue);
            var answer = await _client.GetObjectAsync(new GetObjectRequest { BucketName = Name, Key = key, ByteRange = range }, stop);
            var size = answer.ContentRange is { Length: > 0 } parts ? long.Parse(parts[(parts.IndexOf('/') + 1)..], System.Globalization.CultureInfo.InvariantCulture) : answer.ContentLength;
            return new S3Body(answer.ResponseStream, size);
        }
        catch (AmazonS3Exception absent) when (S3Faults.IsAbsent(absent))
        {
            return null;
        }
    }, cancellation);

    /// <summary>Stores a seekable stream; the server checks the SHA-256 of what arrives.</summary>
    public Task PutAsync(string key, Stream content, CancellationToken cancellation) => RunAsync(MoveLimit, stop => _client.PutObjectAsync(new PutObjectRequest
    {
        BucketName = Name,
        Key = key,
        InputStream = content,
        AutoCloseStream = false,
        // In one piece, whose digest is a part of the signature.
        UseChunkEncoding = false,
    }, stop), cancellation);

    /// <summary>Copies at the server, at most 5 GiB; false when it cannot, or there is nothing to copy: reading tells which.</summary>
    public Task<bool> TryCopyAsync(string from, string to, CancellationToken cancellation) => RunAsync(MoveLimit, async stop =>
    {
        try
        {
            await _client.CopyObjectAsync(new CopyObjectRequest { SourceBucket = Name, SourceKey = from, DestinationBucket = Name, DestinationKey = to }, stop);
            return true;
        }
        // Some servers do not decode the name of the source, and look for another one.
        catch (AmazonS3Exception fault) when (S3Faults.IsAbsent(fault) || S3Faults.IsNotImplemented(fault) || fault.ErrorCode == "NoSuchBucket")
        {
            return false;
        }
    }, cancellation);

    /// <summary>Removes an object, if it is there.</summary>
    public Task DeleteAsync(string key, CancellationToken cancellation) => RunAsync(LookLimit, async stop =>
    {
        try
        {
            await _client.DeleteObjectAsync(Name, key, stop);
        }
        catch (AmazonS3Exception absent) when (S3Faults.IsAbsent(absent))
        {
            // Some servers say so, Amazon's does not.
        }
        return true;
    }, cancellation);

    /// <summary>All objects whose keys begin so, in the order of their keys.</summary>
    public async IAsyncEnumerable<S3Entry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? next = null;
        do
        {
            var page = await RunAsync(LookLimit, stop => _client.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = Name, Prefix = prefix, ContinuationToken = next }, stop), cancellation);
            foreach (var found in page.S3Objects ?? [])
                yield return new S3Entry(found.Key, found.Size ?? 0, TimeOf(found.LastModified), found.ETag ?? "");
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    /// <summary>A URL by which whoever has it reads the object for a while.</summary>
    public Task<string> SignAsync(string key) => _signer.GetPreSignedURLAsync(new GetPreSignedUrlRequest
    {
        BucketName = Name,
        Key = key,
        Verb = HttpVerb.GET,
        Expires = _clock.GetUtcNow().UtcDateTime + _options.PresignedLifetime,
        Protocol = (_options.PublicUrl.Length > 0 ? _options.PublicUrl : _options.ServiceUrl).StartsWith("http:", StringComparison.OrdinalIgnoreCase) ? Protocol.HTTP : Protocol.HTTPS,
        ResponseHeaderOverrides = new ResponseHeaderOverrides { ContentType = "application/octet-stream" },
    });

    /// <summary>Asks for one object, whichever; what the server says when it does not do even that.</summary>
    public async Task<BlobStoreAwayException?> TryAsync(TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            await RunAsync(limit, stop => _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Name, Prefix = Prefix, MaxKeys = 1 }, stop), cancellation);
            return null;
        }
        catch (BlobStoreAwayException away)
        {
            return away;
        }
    }

    /// <summary>Runs requests of the client with a bound and one wording of faults.</summary>
    public Task<T> MoveAsync<T>(Func<AmazonS3Client, CancellationToken, Task<T>> work, CancellationToken cancellation) => RunAsync(MoveLimit, stop => work(_client, stop), cancellation);

    private async Task<T> RunAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(limit);
        try
        {
            var done = await work(stop.Token);
            if (Volatile.Read(ref _isAway) == 1 && Interlocked.Exchange(ref _isAway, 0) == 1)
                LogBack(_logger, Name);
            return done;
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested && S3Faults.IsAway(fault))
        {
            // Once for an outage, however many requests meet it.
            var away = S3Faults.Away(fault);
            if (Interlocked.Exchange(ref _isAway, 1) == 0)
                LogAway(_logger, Name, away.Message);
            throw away;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The blob store does not answer for the bucket {Bucket}; what needs it waits until it does. {Obstacle}")]
    private static partial void LogAway(ILogger logger, string bucket, string obstacle);

    [LoggerMessage(Level = LogLevel.Information, Message = "The blob store answers for the bucket {Bucket}.")]
    private static partial void LogBack(ILogger logger, string bucket);

    private static DateTimeOffset TimeOf(DateTime? time) => time is { } known ? new DateTimeOffset(known.ToUniversalTime(), TimeSpan.Zero) : DateTimeOffset.MinValue;

    private static AmazonS3Client Client(S3Options options, string url)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.ForcePathStyle,
            AuthenticationRegion = options.Region,
            // Trailers with checksums of their own are what other servers than Amazon's do not know.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            ConnectTimeout = ConnectLimit,
            Timeout = MoveLimit,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = Retries,
        };
        if (url.Length > 0)
            config.ServiceURL = url;
        else
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
        return options.AccessKey.Length == 0
            ? new AmazonS3Client(config)
            : new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, File.ReadAllText(options.SecretKeyFile).Trim()), config);
    }
}
