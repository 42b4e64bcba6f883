using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>Asks another registry which manifest a name means: as everyone may, or with the account that the operator gave for it.</summary>
internal sealed partial class OutsideRegistry(bool allowPrivateHosts, Upstream? upstream, SilentHosts silent, ILogger logger) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly OutsideRequests _requests = new(allowPrivateHosts, upstream, Limit);
    private readonly Upstream? _account = upstream is { HasAccount: true } ? upstream : null;

    /// <summary>Every outcome is a value. A host that cannot be reached is not asked again for a while.</summary>
    public async Task<OutsideImage> ResolveAsync(ImageName name, CancellationToken cancellation)
    {
        if (silent.Find(name.Host) is { } known)
            return known;
        var answer = await AskAsync(name, cancellation);
        silent.Learn(name.Host, answer);
        return answer;
    }

    private async Task<OutsideImage> AskAsync(ImageName name, CancellationToken cancellation)
    {
        try
        {
            var url = UrlOf(name, $"manifests/{name.Reference}");
            var (answer, authorization, refusal) = await RequestAsync(HttpMethod.Head, url, name, HttpCompletionOption.ResponseContentRead, cancellation);
            using (answer)
                return refusal ?? await ReadAsync(name, url, authorization, answer!, cancellation);
        }
        catch (Exception fault) when (FaultOf(name, fault, cancellation) is { } unreachable)
        {
            return unreachable;
        }
    }

    private Uri UrlOf(ImageName name, string resource) => new(upstream?.Address ?? Upstream.AddressOf(name.Host), $"/v2/{name.Repository}/{resource}");

    /// <summary>Sends a request, and again once its challenge is met; an answer, which the caller disposes, or why there is none.</summary>
    private async Task<Asked> RequestAsync(HttpMethod method, Uri url, ImageName name, HttpCompletionOption completion, CancellationToken cancellation)
    {
        var kept = PassFor(name);
        var first = await _requests.SendAsync(method, url, kept, cancellation, completion);
        if (first.StatusCode != HttpStatusCode.Unauthorized)
            return new Asked(first, kept, null);
        using var challenged = first;
        var (authorization, refusal) = _account is null ? await AsEveryoneAsync(first, url, name, cancellation) : await WithAccountAsync(_account, first, url, name, cancellation);
        if (refusal is not null)
            return new Asked(null, null, refusal);
        var second = await _requests.SendAsync(method, url, authorization, cancellation, completion);
        if (second.StatusCode == HttpStatusCode.Unauthorized && authorization?.Scheme == Basic)
        {
            second.Dispose();
            return new Asked(null, null, Refused(name));
        }
        KeepPass(name, authorization);
        return new Asked(second, authorization, null);
    }

    /// <summary>What a fault says of a registry; null for one that is not its own. Addresses, headers and JSON of another registry may be anything:
    /// FormatException is Uri's and the headers' word, InvalidOperationException JSON's.</summary>
    private static OutsideImage? FaultOf(ImageName name, Exception fault, CancellationToken cancellation) => fault switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError } =>
            OutsideImage.Unreachable($"{name.Host} cannot be reached: {fault.Message}") with { IsHostSilent = true },
        OperationCanceledException when cancellation.IsCancellationRequested => null,
        OperationCanceledException => OutsideImage.Unreachable($"{name.Host} gave no usable answer: it took longer than {Limit.TotalSeconds} s"),
        HttpRequestException or IOException or JsonException or FormatException or InvalidOperationException => OutsideImage.Unreachable($"{name.Host} gave no usable answer: {fault.Message}"),
        _ => null,
    };

    private async Task<OutsideImage> ReadAsync(ImageName name, Uri url, AuthenticationHeaderValue? authorization, HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (answer.StatusCode is HttpStatusCode.NotFound && _account is null)
            return OutsideImage.NotFound($"{name.Host} has no image {name}.") with { IsGone = true };
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return OutsideImage.NotFound(_account is null
                ? $"{name.Host} has no image {name}, or shows it to nobody without credentials."
                : $"{name.Host} has no image {name}, or does not show it to the account that this registry has there.") with
            { IsGone = answer.StatusCode == HttpStatusCode.NotFound };
        if (!answer.IsSuccessStatusCode)
            return OutsideImage.Unreachable($"{name.Host} answered {(int)answer.StatusCode} for {name}.");
        var said = answer.Headers.TryGetValues("Docker-Content-Digest", out var values) ? values.First() : "";
        var digest = Digest.IsKnown(said) ? said : await DigestOfBodyAsync(url, authorization, cancellation);
        return name.Digest is { } asked && asked != digest
            ? OutsideImage.Unreachable($"{name.Host} answered {digest} when asked for {asked}.")
            : OutsideImage.Resolved(digest, name.Pinned(digest));
    }

    /// <summary>Some registries leave the digest out of the headers; the bytes have it.</summary>
    private async Task<string> DigestOfBodyAsync(Uri url, AuthenticationHeaderValue? authorization, CancellationToken cancellation)
    {
        using var answer = await _requests.SendAsync(HttpMethod.Get, url, authorization, cancellation);
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"it answered {(int)answer.StatusCode} to GET after {(int)HttpStatusCode.OK} to HEAD");
        return Digest.Of(await answer.Content.ReadAsByteArrayAsync(cancellation));
    }

    public void Dispose() => _requests.Dispose();

    /// <summary>An answer after the challenge was met, what was sent for it, or why there is none.</summary>
    private readonly record struct Asked(HttpResponseMessage? Answer, AuthenticationHeaderValue? Authorization, OutsideImage? Refusal);
}
