using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage.S3;

/// <summary>
/// Asks the bucket at start: one that is not there or not ours is told at once, instead of by the first push. A server that does not answer is
/// waited for, as a database is.
/// </summary>
public sealed class BlobStoreCheck(IServiceProvider services, IOptions<BlobOptions> options)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <exception cref="OptionsValidationException">The settings name a bucket that is not there, or credentials that the server refuses.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!options.Value.IsS3)
            return;
        var s3 = options.Value.S3;
        if (await services.GetRequiredService<S3Bucket>().TryAsync(Limit, cancellation) is not { } obstacle || !S3Faults.IsMisconfigured(obstacle))
            return;
        var server = s3.ServiceUrl.Length > 0 ? s3.ServiceUrl : $"Amazon S3, {s3.Region}";
        throw new OptionsValidationException("Blobs", typeof(BlobOptions),
            [$"The bucket \"{s3.Bucket}\" (Blobs__S3__Bucket) at {server} cannot be used. {obstacle.Message} Make the bucket first, and see that the key may list, read, write and delete in it."]);
    }
}
