using System.Collections.Concurrent;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images.Proxies;

/// <summary>
/// One namespace that stands for a registry elsewhere. Before a request is answered from the store, what it asks for is brought there, by
/// one of all that ask for it at once; what is there already is served even when that registry is away.
/// </summary>
public sealed partial class ImageProxy
{
    private const int MaxRemembered = 100_000;
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(5);

    private readonly OutsideRegistry _elsewhere;
    private readonly Func<string, bool> _covers;
    private readonly ProxyStore _here;
    private readonly ImageOptions _images;
    private readonly TimeProvider _clock;

    // When a tag was last held against what it means elsewhere.
    private readonly ConcurrentDictionary<string, long> _checked = new(StringComparer.Ordinal);
    private readonly SingleFlight<OciError?> _manifests = new();
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="covers">Whether the operator lets this namespace have a repository elsewhere.</param>
    internal ImageProxy(ProxyOptions options, OutsideRegistry elsewhere, Func<string, bool> covers, ProxyStore here, ImageOptions images, TimeProvider clock) =>
        (Options, _elsewhere, _covers, _here, _images, _clock) = (options, elsewhere, covers, here, images, clock);

    public ProxyOptions Options { get; }

    /// <summary>False until the namespace is known to be one that was made for this.</summary>
    internal bool IsReady { get; private set; }

    /// <summary>Says, a moment after the start, whether the namespace was made for this.</summary>
    internal void Settle(bool isOwn)
    {
        IsReady = isOwn;
        _settled.SetResult();
    }

    /// <summary>A pull right after the start waits until that is known; without a database nobody can say how long.</summary>
    internal async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        try
        {
            await _settled.Task.WaitAsync(Start, _clock, cancellation);
        }
        catch (TimeoutException)
        {
            // The answer below says so.
        }
        return IsReady;
    }

    /// <summary>Brings what is asked for into the store.</summary>
    /// <returns>Null when the store answers from here on, with what it has.</returns>
    public async Task<IResult?> PrepareAsync(HttpContext context, ImageRoute route)
    {
        if (NameOf(route.Repository) is not { } name)
            return OciError.NameUnknown(route.Repository);
        if (!await IsReadyAsync(context.RequestAborted))
            return new OciError(StatusCodes.Status503ServiceUnavailable, "UNAVAILABLE", $"{Options.Namespace} is not ready to hand on images of {Options.Upstream}; the registry's log says why.") { RetryAfter = 5 };
        return route.Resource switch
        {
            ImageResource.Manifest when Digest.IsKnown(route.Reference) || ImageNames.IsTag(route.Reference) =>
                await BringManifestAsync(route.Repository, route.Reference, context.RequestAborted),
            ImageResource.Blob when Digest.IsKnown(route.Reference) => await BringBlobAsync(context, route, name),
            ImageResource.Referrers when Digest.IsKnown(route.Reference) => await ReferrersAsync(context, route, name),
            _ => null,
        };
    }

    /// <summary>Sees that the store has what a tag or digest means; why not otherwise.</summary>
    public async Task<OciError?> BringManifestAsync(string repository, string reference, CancellationToken cancellation)
    {
        if (NameOf(repository) is not { } name)
            return OciError.NameUnknown(repository);
        var key = $"{repository} {reference}";
        var isPinned = reference.Contains(':');
        var stored = await StoredAsync(repository, reference, cancellation);
        if (stored is not null && (isPinned || IsFresh(key)))
        {
            await _here.Images.UsedManifestAsync(repository, stored, isPinned ? null : reference);
            return null;
        }
        return await _manifests.RunAsync(key, async () =>
        {
            // The flight before this one may have ended between the look and the start.
            var now = await StoredAsync(repository, reference, CancellationToken.None);
            if (now is not null && (isPinned || IsFresh(key)))
                return null;
            return isPinned ? await FetchManifestAsync(repository, name, reference, null) : await FollowTagAsync(repository, reference, name, key, now);
        }).WaitAsync(cancellation);
    }

    /// <summary>Its name elsewhere; null for a repository that no registry can have, or that the operator leaves out.</summary>
    private ImageName? NameOf(string repository) =>
        ImageName.TryParse($"{Options.Upstream}/{repository[(Options.Namespace.Length + 1)..]}", out var name) && _covers(name.Repository) ? name : null;

    /// <summary>Digest of a manifest that is here with its bytes: lost ones are fetched again.</summary>
    private async Task<string?> StoredAsync(string repository, string reference, CancellationToken cancellation) =>
        await _here.Store.FindManifestAsync(repository, reference, cancellation) is { } row && await _here.Blobs.FindAsync(row.Digest, cancellation) is not null ? row.Digest : null;

    /// <summary>Asks what the tag means now. Most often nothing new, which costs no transfer; when nobody tells, or nothing can be stored, it stays what it was.</summary>
    private async Task<OciError?> FollowTagAsync(string repository, string tag, ImageName name, string key, string? stored)
    {
        var meaning = await _elsewhere.ResolveAsync(name with { Tag = tag, Digest = null }, CancellationToken.None);
        OciError? refused = null;
        if (meaning.Digest is not { } digest)
            refused = ErrorOf(meaning, OciError.ManifestUnknown(repository, tag));
        else if (stored != digest)
            refused = await MoveTagAsync(repository, tag, name, digest, stored is not null);
        if (refused is null || (stored is not null && !meaning.IsGone))
        {
            if (stored is not null && (refused is not null || stored == meaning.Digest))
                await _here.Images.UsedManifestAsync(repository, stored, tag);
            if (_checked.Count >= MaxRemembered)
                _checked.Clear();
            _checked[key] = _clock.GetTimestamp();
            return null;
        }
        // Not only for now: it must not come back when nobody answers there.
        if (stored is not null)
            await _here.Images.ForgetTagAsync(repository, tag);
        return refused;
    }

    private async Task<OciError?> MoveTagAsync(string repository, string tag, ImageName name, string digest, bool hasOther)
    {
        try
        {
            if (await StoredAsync(repository, digest, CancellationToken.None) is null)
                return await FetchManifestAsync(repository, name, digest, tag);
            await _here.Images.TagAsync(repository, tag, digest);
            return null;
        }
        catch (Exception fault) when (hasOther && StorageFaults.MayPass(fault))
        {
            return Bad("What the tag means now cannot be stored.");
        }
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
            await _here.Room.TakeAsync(Options, digest, bytes.Length);
            await _here.Images.StoreAsync(repository, digest, bytes, manifest, tag);
            return null;
        }
        catch (OciRefusedException refused)
        {
            return Bad($"{name.Host} has a manifest {digest} that this registry does not take: {refused.Error.Message}");
        }
        catch (TransferException tooLarge)
        {
            return Bad(tooLarge.Message);
        }
        finally
        {
            _here.Room.GiveBack(Options, digest);
        }
    }

    private bool IsFresh(string key) => _checked.TryGetValue(key, out var at) && _clock.GetElapsedTime(at) < Options.Recheck;

    /// <summary>What a transfer that failed is for those who wait for it; faults of our own are worded as ever.</summary>
    internal static OciError ErrorOf(BlobFetch fetch, Exception fault) =>
        fetch.WhyNot(fault) is { } why ? Bad(why) : ImageFaults.Name(fault) ?? new OciError(StatusCodes.Status500InternalServerError, "UNKNOWN", "The registry failed; its log says why.");

    private static OciError ErrorOf(OutsideImage refusal, OciError unknown) => refusal.Outcome == OutsideImageOutcome.NotFound
        ? unknown with { Message = $"{unknown.Message} {refusal.Detail}" }
        : Bad(refusal.Detail);

    private static OciError Bad(string message) => new(StatusCodes.Status502BadGateway, "UNAVAILABLE", message) { RetryAfter = 30 };
}

/// <summary>What all proxies have in common on this side.</summary>
public sealed record ProxyStore(ImageStore Store, IBlobStore Blobs, CachedImages Images, BlobFetches Fetches, ProxyRoom Room);
