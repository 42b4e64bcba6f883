using System.Collections.Concurrent;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images.Proxies;

/// <summary>The transfers of blobs from elsewhere that are under way: one for each blob of a repository, however many wait for it.</summary>
public sealed partial class BlobFetches(
    IBlobStore blobs, CachedImages cached, ProxyRoom room, IOptions<ImageOptions> options, ILogger<BlobFetches> logger)
{
    /// <summary>Transfers at once: each may write as much as a proxy may hold.</summary>
    private const int Most = 32;

    private readonly SingleFlight<(BlobFetch?, OutsideImage?)> _starts = new();
    private readonly ConcurrentDictionary<string, BlobFetch> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(Most, Most);

    /// <summary>Joins a transfer that is under way, or begins one; whoever got one leaves it. Else why there is none, or neither when the store has the blob by now.</summary>
    internal async Task<(BlobFetch? Fetch, OutsideImage? Refusal)> JoinAsync(
        string repository, string digest, Func<Task<OutsideContent>> open, ProxyOptions proxy, CancellationToken cancellation)
    {
        var key = $"{repository} {digest}";
        while (true)
        {
            if (_running.TryGetValue(key, out var running) && running.TryJoin())
                return (running, null);
            var starting = _starts.RunAsync(key, () => StartAsync(key, repository, digest, open, proxy));
            var (begun, refusal) = await OrGiveUpAsync(starting, cancellation);
            if (begun is null || begun.TryJoin())
                return (begun, refusal);
            // A small one is over by now.
            if (begun.Verified.Exception?.InnerException is { } fault)
                return begun.WhyNot(fault) is { } why ? (null, OutsideImage.Unreachable(why)) : throw fault;
            if (await begun.Kept)
                return (null, null);
        }
    }

    /// <summary>Nobody comes for the place that was for a caller who has gone.</summary>
    private static async Task<(BlobFetch?, OutsideImage?)> OrGiveUpAsync(Task<(BlobFetch? Fetch, OutsideImage?)> starting, CancellationToken cancellation)
    {
        try
        {
            return await starting.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            _ = LeaveAsync(starting);
            throw;
        }

        static async Task LeaveAsync(Task<(BlobFetch? Fetch, OutsideImage?)> starting)
        {
            await ((Task)starting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (starting.IsCompletedSuccessfully)
                (await starting).Fetch?.GiveUpFirstPlace();
        }
    }

    private async Task<(BlobFetch?, OutsideImage?)> StartAsync(string key, string repository, string digest, Func<Task<OutsideContent>> open, ProxyOptions proxy)
    {
        // The one before this may have begun between the look and the start.
        if (_running.TryGetValue(key, out var running))
            return (running, null);
        if (!await _places.WaitAsync(options.Value.IdleTimeout))
            return (null, OutsideImage.Unreachable($"{Most} other layers are on their way from other registries. Try again in a moment."));
        HttpResponseMessage? answer = null;
        try
        {
            var content = await open();
            answer = content.Answer;
            var size = answer?.Content.Headers.ContentLength;
            var refusal = content.Refusal ?? (size > proxy.MaxBytes ? OutsideImage.Unreachable(ProxyRoom.TooLarge(proxy, digest, size.Value)) : null);
            if (refusal is null)
            {
                await room.TakeAsync(proxy, digest, size ?? 0);
                var path = blobs.TemporaryPath(ProxyOptions.Temporary + Guid.CreateVersion7().ToString("N"));
                var fetch = new BlobFetch(proxy.Upstream, digest, size, path, options.Value.IdleTimeout);
                _running[key] = fetch;
                _ = RunAsync(key, repository, fetch, answer!, path, proxy);
                (answer, content) = (null, default);
                return (fetch, null);
            }
            _places.Release();
            return (null, refusal);
        }
        catch
        {
            room.GiveBack(proxy, digest);
            _places.Release();
            throw;
        }
        finally
        {
            answer?.Dispose();
        }
    }

    private async Task RunAsync(string key, string repository, BlobFetch fetch, HttpResponseMessage answer, string path, ProxyOptions proxy)
    {
        try
        {
            if (await fetch.RunAsync(answer, proxy.MaxBytes, size => KeepAsync(repository, fetch, size, path, proxy)) is { } fault)
                LogFailed(logger, fetch.Digest, proxy.Upstream, fault.Message);
        }
        finally
        {
            room.GiveBack(proxy, fetch.Digest);
            _running.TryRemove(key, out _);
            _places.Release();
            // Whoever still reads it has it open.
            File.Delete(path);
        }
    }

    private async Task KeepAsync(string repository, BlobFetch fetch, long size, string path, ProxyOptions proxy)
    {
        // What was not said before is known now.
        if (fetch.Size is null)
            await room.TakeAsync(proxy, fetch.Digest, size);
        await blobs.AdoptAsync(fetch.Digest, path, CancellationToken.None);
        await cached.AddBlobAsync(repository, fetch.Digest, size);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Blob {Digest} from {Host} is not kept: {Reason}")]
    private static partial void LogFailed(ILogger logger, string digest, string host, string reason);
}
