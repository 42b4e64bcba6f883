using System.Collections.Concurrent;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images.Proxies;

/// <summary>
/// One namespace that stands for a registry elsewhere. Before a request is answered from the store, what it asks for is brought there, by
/// one of all that ask for it at once; what is there already is served even when that registry is away.
/// </summary>
public sealed class ImageProxy
{
    private const int MaxRemembered = 100_000;

    private readonly OutsideRegistry _elsewhere;
    private readonly ImageStore _store;
    private readonly CachedImages _cached;
    private readonly BlobFetches _fetches;
    private readonly ImageOptions _images;
    private readonly TimeProvider _clock;

    // When a tag was last held against what it means elsewhere.
    private readonly ConcurrentDictionary<string, long> _checked = new(StringComparer.Ordinal);
    private readonly SingleFlight<OciError?> _manifests = new();

    internal ImageProxy(
        ProxyOptions options, OutsideRegistry elsewhere, ImageStore store, CachedImages cached, BlobFetches fetches, ImageOptions images, TimeProvider clock) =>
        (Options, _elsewhere, _store, _cached, _fetches, _images, _clock) = (options, elsewhere, store, cached, fetches, images, clock);

    public ProxyOptions Options { get; }

    /// <summary>Brings what is asked for into the store.</summary>
    /// <returns>Null when the store answers from here on, with what it has.</returns>
    public async Task<IResult?> PrepareAsync(HttpContext context, ImageRoute route)
    {
        if (!ImageName.TryParse($"{Options.Upstream}/{route.Repository[(Options.Namespace.Length + 1)..]}", out var name))
            return OciError.NameUnknown(route.Repository);
        return route.Resource switch
        {
            ImageResource.Manifest when Digest.IsKnown(route.Reference) || ImageNames.IsTag(route.Reference) =>
                await PrepareManifestAsync(route, name, context.RequestAborted),
            ImageResource.Blob when Digest.IsKnown(route.Reference) => await PrepareBlobAsync(context, route, name),
            _ => null,
        };
    }

    private async Task<IResult?> PrepareManifestAsync(ImageRoute route, ImageName name, CancellationToken cancellation)
    {
        var key = $"{route.Repository} {route.Reference}";
        var isPinned = route.Reference.Contains(':');
        var stored = await _store.FindManifestAsync(route.Repository, route.Reference, cancellation);
        if (stored is not null && (isPinned || IsFresh(key)))
        {
            await _cached.UsedManifestAsync(route.Repository, stored.Digest, isPinned ? null : route.Reference);
            return null;
        }
        return await _manifests.RunAsync(key, () => isPinned ? FetchManifestAsync(route.Repository, name, route.Reference, null) : FollowTagAsync(route, name, key, stored), cancellation);
    }

    /// <summary>Asks what the tag means now. Most often nothing new, which costs no transfer; a registry that is away leaves the tag as it was.</summary>
    private async Task<OciError?> FollowTagAsync(ImageRoute route, ImageName name, string key, StoredManifest? stored)
    {
        var meaning = await _elsewhere.ResolveAsync(name with { Tag = route.Reference, Digest = null }, CancellationToken.None);
        if (meaning.Outcome == OutsideImageOutcome.Unreachable && stored is not null)
        {
            Checked(key);
            return null;
        }
        if (meaning.Digest is not { } digest)
            return ErrorOf(meaning, OciError.ManifestUnknown(route.Repository, route.Reference));
        if (stored?.Digest == digest)
        {
            await _cached.UsedManifestAsync(route.Repository, digest, route.Reference);
        }
        else
        {
            if (await _store.FindManifestAsync(route.Repository, digest, CancellationToken.None) is null)
            {
                if (await FetchManifestAsync(route.Repository, name, digest, route.Reference) is { } refused)
                    return stored is null || refused.Status == StatusCodes.Status404NotFound ? refused : null;
            }
            else
            {
                await _cached.TagAsync(route.Repository, route.Reference, digest);
            }
        }
        Checked(key);
        return null;
    }

    private async Task<OciError?> FetchManifestAsync(string repository, ImageName name, string digest, string? tag)
    {
        using var content = await _elsewhere.OpenAsync(HttpMethod.Get, name, $"manifests/{digest}", CancellationToken.None);
        if (content.Answer is not { } answer)
            return ErrorOf(content.Refusal!, OciError.ManifestUnknown(repository, digest));
        if (await OutsideBody.ReadAllAsync(answer, _images.MaxManifestBytes, _images.IdleTimeout) is not { } bytes)
            return Bad($"{name.Host} sent a manifest {digest} that is larger than {_images.MaxManifestBytes} bytes (Images__MaxManifestBytes), or broke off.");
        if (!Digest.Matches(digest, bytes))
            return Bad($"{name.Host} sent other bytes than those of {digest}.");
        try
        {
            var manifest = ManifestReader.Read(bytes, answer.Content.Headers.ContentType?.MediaType ?? "");
            await _cached.StoreAsync(repository, digest, bytes, manifest, tag);
            return null;
        }
        catch (OciRefusedException refused)
        {
            return Bad($"{name.Host} has a manifest {digest} that this registry does not take: {refused.Error.Message}");
        }
    }

    private async Task<IResult?> PrepareBlobAsync(HttpContext context, ImageRoute route, ImageName name)
    {
        if (await _store.FindBlobAsync(route.Repository, route.Reference, context.RequestAborted) is not null)
        {
            await _cached.UsedBlobAsync(route.Repository, route.Reference);
            return null;
        }
        var unknown = OciError.BlobUnknown(route.Repository, route.Reference);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            using var head = await _elsewhere.OpenAsync(HttpMethod.Head, name, $"blobs/{route.Reference}", context.RequestAborted);
            return head.Answer is { } known ? new BlobHead(route.Reference, known.Content.Headers.ContentLength) : ErrorOf(head.Refusal!, unknown);
        }
        var (fetch, refusal) = await _fetches.JoinAsync(route.Repository, route.Reference,
            () => _elsewhere.OpenAsync(HttpMethod.Get, name, $"blobs/{route.Reference}", CancellationToken.None), Options, context.RequestAborted);
        if (fetch is null)
            return refusal is null ? null : ErrorOf(refusal, unknown);
        if (fetch.Size is { } && context.Request.Headers.Range.Count == 0)
            return new FetchAnswer(fetch, _images.IdleTimeout);
        return await WholeAsync(fetch, context);
    }

    /// <summary>A part of a blob, or one of unknown length, is answered once all of it is here.</summary>
    private async Task<IResult?> WholeAsync(BlobFetch fetch, HttpContext context)
    {
        var answer = new FetchAnswer(fetch, _images.IdleTimeout);
        try
        {
            await fetch.Done.WaitAsync(context.RequestAborted);
        }
        catch (Exception fault) when (fetch.Done.IsFaulted)
        {
            fetch.Leave();
            return Bad(fetch.WhyNot(fault));
        }
        catch
        {
            fetch.Leave();
            throw;
        }
        if (!fetch.IsKept)
            return answer;
        fetch.Leave();
        return null;
    }

    private void Checked(string key)
    {
        if (_checked.Count >= MaxRemembered)
            _checked.Clear();
        _checked[key] = _clock.GetTimestamp();
    }

    private bool IsFresh(string key) => _checked.TryGetValue(key, out var at) && _clock.GetElapsedTime(at) < Options.Recheck;

    private static OciError ErrorOf(OutsideImage refusal, OciError unknown) => refusal.Outcome == OutsideImageOutcome.NotFound
        ? unknown with { Message = $"{unknown.Message} {refusal.Detail}" }
        : Bad(refusal.Detail);

    internal static OciError Bad(string message) => new(StatusCodes.Status502BadGateway, "UNAVAILABLE", message) { RetryAfter = 30 };
}

/// <summary>What HEAD says of a blob that lies elsewhere.</summary>
internal sealed class BlobHead(string digest, long? size) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers["Docker-Content-Digest"] = digest;
        httpContext.Response.Headers.AcceptRanges = "bytes";
        httpContext.Response.ContentType = "application/octet-stream";
        httpContext.Response.ContentLength = size;
        return Task.CompletedTask;
    }
}
