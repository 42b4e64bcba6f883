using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;

namespace Claimed.Registry.Images;

/// <summary>What another registry answered when it was asked for a manifest or blob.</summary>
/// <param name="Answer">A success, whose content is still to be read; null otherwise.</param>
/// <param name="Refusal">Why there is none.</param>
internal readonly record struct OutsideContent(HttpResponseMessage? Answer, OutsideImage? Refusal) : IDisposable
{
    public void Dispose() => Answer?.Dispose();
}

/// <summary>Fetching, for which one pass serves many requests.</summary>
internal sealed partial class OutsideRegistry
{
    /// <summary>What the token protocol has passes last for, when an answer does not say, is a minute.</summary>
    private static readonly TimeSpan PassLifetime = TimeSpan.FromSeconds(45);
    private const int MaxPasses = 1000;

    private readonly ConcurrentDictionary<string, (AuthenticationHeaderValue Pass, long Since)> _passes = new(StringComparer.Ordinal);

    /// <summary>Remembers passes, for a proxy that asks again and again for the same repositories.</summary>
    public bool KeepsPasses { get; init; }

    /// <summary>Where the operator has set account and token service, for those who are to mend them.</summary>
    public string Setting { get; init; } = "Images__Upstreams";

    /// <summary>Asks for a manifest or blob; every outcome is a value. A host that cannot be reached is not asked again for a while.</summary>
    /// <param name="resource">Below the repository, such as <c>blobs/sha256:…</c>.</param>
    public async Task<OutsideContent> OpenAsync(HttpMethod method, ImageName name, string resource, CancellationToken cancellation)
    {
        if (silent.Find(name.Host) is { } known)
            return new OutsideContent(null, known);
        var content = await AskForAsync(method, name, resource, cancellation);
        if (content.Refusal is { IsHostSilent: true } unreachable)
            silent.Learn(name.Host, unreachable);
        return content;
    }

    private async Task<OutsideContent> AskForAsync(HttpMethod method, ImageName name, string resource, CancellationToken cancellation)
    {
        try
        {
            var (answer, _, refusal) = await RequestAsync(method, UrlOf(name, resource), name, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (refusal is not null || answer!.IsSuccessStatusCode)
                return new OutsideContent(answer, refusal);
            using (answer)
            {
                return new OutsideContent(null, answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                    ? OutsideImage.NotFound($"{name.Host} does not have it in {name.Repository} ({resource}), or does not show it to this registry.")
                    : OutsideImage.Unreachable($"{name.Host} answered {(int)answer.StatusCode} for {resource} in {name.Repository}."));
            }
        }
        catch (Exception fault) when (FaultOf(name, fault, cancellation) is { } unreachable)
        {
            return new OutsideContent(null, unreachable);
        }
    }

    private AuthenticationHeaderValue? PassFor(ImageName name) =>
        KeepsPasses && _passes.TryGetValue(name.Repository, out var kept) && TimeProvider.System.GetElapsedTime(kept.Since) < PassLifetime ? kept.Pass : null;

    private void KeepPass(ImageName name, AuthenticationHeaderValue? pass)
    {
        if (!KeepsPasses || pass is null)
            return;
        if (_passes.Count >= MaxPasses)
            _passes.Clear();
        _passes[name.Repository] = (pass, TimeProvider.System.GetTimestamp());
    }
}
