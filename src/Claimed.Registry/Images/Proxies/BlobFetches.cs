using System.Collections.Concurrent;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images.Proxies;

/// <summary>The transfers of blobs from elsewhere that are under way: one for each blob of a repository, however many wait for it.</summary>
public sealed partial class BlobFetches(
    IBlobStore blobs, CachedImages cached, ProxyRoom room, IOptions<ImageOptions> options, ILogger<BlobFetches> logger)
{
    private readonly SingleFlight<(BlobFetch?, OutsideImage?)> _starts = new();
    private readonly ConcurrentDictionary<string, BlobFetch> _running = new(StringComparer.Ordinal);

    /// <summary>Joins a transfer that is under way, or begins one; whoever got one leaves it. Else why there is none, or neither when the store has the blob by now.</summary>
    internal async Task<(BlobFetch? Fetch, OutsideImage? Refusal)> JoinAsync(
        string repository, string digest, Func<Task<OutsideContent>> open, ProxyOptions proxy, CancellationToken cancellation)
    {
        var key = $"{repository} {digest}";
        while (true)
        {
            if (_running.TryGetValue(key, out var running) && running.TryJoin())
                return (running, null);
            var (begun, refusal) = await _starts.RunAsync(key, () => StartAsync(key, repository, digest, open, proxy), cancellation);
            if (begun is null || begun.TryJoin())
                return (begun, refusal);
            // A small one is over by now.
            if (begun.Done.Exception?.InnerException is { } fault)
                return (null, OutsideImage.Unreachable(begun.WhyNot(fault)));
            if (begun.IsKept)
                return (null, null);
        }
    }

    private async Task<(BlobFetch?, OutsideImage?)> StartAsync(string key, string repository, string digest, Func<Task<OutsideContent>> open, ProxyOptions proxy)
    {
        // The one before this may have begun between the look and the start.
        if (_running.TryGetValue(key, out var running))
            return (running, null);
        var content = await open();
        if (content.Answer is not { } answer)
            return (null, content.Refusal);
        var path = blobs.TemporaryPath("fetch-" + Guid.CreateVersion7().ToString("N"));
        var fetch = new BlobFetch(proxy.Upstream, digest, answer.Content.Headers.ContentLength, path, options.Value.IdleTimeout);
        _running[key] = fetch;
        _ = RunAsync(key, repository, fetch, answer, path, proxy);
        return (fetch, null);
    }

    private async Task RunAsync(string key, string repository, BlobFetch fetch, HttpResponseMessage answer, string path, ProxyOptions proxy)
    {
        try
        {
            await fetch.RunAsync(answer, size => KeepAsync(repository, fetch.Digest, size, path, proxy));
            if (fetch.Done.Exception?.InnerException is { } fault)
                LogFailed(logger, fetch.Digest, proxy.Upstream, fault.Message);
        }
        finally
        {
            _running.TryRemove(key, out _);
            // Whoever still reads it has it open.
            File.Delete(path);
        }
    }

    private async Task<bool> KeepAsync(string repository, string digest, long size, string path, ProxyOptions proxy)
    {
        if (!await room.MakeAsync(proxy, size))
            return false;
        await blobs.AdoptAsync(digest, path, CancellationToken.None);
        await cached.AddBlobAsync(repository, digest, size);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Blob {Digest} did not come from {Host}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string digest, string host, string reason);
}
