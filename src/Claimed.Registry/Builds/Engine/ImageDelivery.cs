using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Engine;

/// <summary>Brings a built image to where it belongs: the engine pushes it, or the builder reads it from the engine and stores it.</summary>
public sealed class ImageDelivery(IImageBuilder engine, PushTarget target, StoreDelivery store, IOptions<BuildOptions> options)
{
    /// <returns>Digest of its manifest; null when the engine pushed it and did not say.</returns>
    public async Task<string?> DeliverAsync(BuildJob job, string repository, Action<string> log, CancellationToken cancellation)
    {
        if (!target.IsOwn || !options.Value.IsDeliveredByBuilder)
            return await engine.PushAsync(job, target.AccountFor(repository, job.Reference, job.Timeout), log, cancellation);
        await using var archive = await engine.SaveAsync(job, cancellation);
        return await store.StoreAsync(repository, PushTarget.TagOf(job.Reference), archive, log, cancellation);
    }
}
