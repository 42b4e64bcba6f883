using Claimed.Database;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Claimed.TestKit;

/// <summary>A blob store that passes all on to the real one; a test says what else happens.</summary>
public class PassingBlobs(IBlobStore store) : IBlobStore
{
    /// <summary>For <c>RegistryHost.StartAsync</c>.</summary>
    public static void Adjust(WebApplicationBuilder builder, Func<IBlobStore, IBlobStore> around)
    {
        var given = builder.Services.Last(service => service.ServiceType == typeof(IBlobStore));
        builder.Services.Replace(ServiceDescriptor.Singleton(provider => around((IBlobStore)(given.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, given.ImplementationType!)))));
    }

    public virtual Task<BlobPut> PutAsync(string digest, ReadOnlyMemory<byte> content, CancellationToken cancellation) => store.PutAsync(digest, content, cancellation);

    public virtual Task<BlobPut> AdoptAsync(string digest, string path, CancellationToken cancellation) => store.AdoptAsync(digest, path, cancellation);

    public virtual string TemporaryPath(string name) => store.TemporaryPath(name);

    public virtual ValueTask<Stream?> OpenAsync(string digest, long first, long? count, CancellationToken cancellation) => store.OpenAsync(digest, first, count, cancellation);

    public virtual ValueTask<StoredBlob?> FindAsync(string digest, CancellationToken cancellation) => store.FindAsync(digest, cancellation);

    public virtual ValueTask<bool> TouchAsync(string digest, CancellationToken cancellation) => store.TouchAsync(digest, cancellation);

    public virtual ValueTask<BlobHold> HoldAsync(IReadOnlyCollection<string> digests, RegistryContext transaction, CancellationToken cancellation) =>
        store.HoldAsync(digests, transaction, cancellation);

    public virtual IAsyncEnumerable<StoredBlob> ListAsync(CancellationToken cancellation) => store.ListAsync(cancellation);

    public virtual ValueTask<bool> DeleteIdleAsync(string digest, DateTimeOffset idleSince, CancellationToken cancellation) => store.DeleteIdleAsync(digest, idleSince, cancellation);

    public virtual ValueTask<bool> QuarantineAsync(StoredBlob seen, CancellationToken cancellation) => store.QuarantineAsync(seen, cancellation);

    public virtual ValueTask<string?> LinkAsync(string digest, long size) => store.LinkAsync(digest, size);

    public virtual ValueTask<string?> ObstacleAsync(TimeSpan limit, CancellationToken cancellation) => store.ObstacleAsync(limit, cancellation);
}
