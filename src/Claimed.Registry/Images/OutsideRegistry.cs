using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>Asks another registry which manifest a name means: as everyone may, or with the account that the operator gave for it.</summary>
internal sealed partial class OutsideRegistry(bool allowPrivateHosts, Upstream? upstream, SilentHosts silent, ILogger logger) : IDisposable
{
    private readonly OutsideRequests _requests = new(allowPrivateHosts, upstream);
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
            var url = new Uri(upstream?.Address ?? Upstream.AddressOf(name.Host), $"/v2/{name.Repository}/manifests/{name.Reference}");
            using var first = await _requests.SendAsync(HttpMethod.Head, url, null, cancellation);
            if (first.StatusCode != HttpStatusCode.Unauthorized)
                return await ReadAsync(name, url, null, first, cancellation);
            var (authorization, refusal) = _account is null ? await AsEveryoneAsync(first, url, name, cancellation) : await WithAccountAsync(_account, first, url, name, cancellation);
            if (refusal is not null)
                return refusal;
            using var second = await _requests.SendAsync(HttpMethod.Head, url, authorization, cancellation);
            return authorization?.Scheme == Basic && second.StatusCode == HttpStatusCode.Unauthorized ? Refused(name) : await ReadAsync(name, url, authorization, second, cancellation);
        }
        catch (HttpRequestException fault) when (fault.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError)
        {
            return OutsideImage.Unreachable($"{name.Host} cannot be reached: {fault.Message}") with { IsHostSilent = true };
        }
        // Addresses, headers and JSON of another registry may be anything: FormatException is Uri's and the headers' word, InvalidOperationException JSON's.
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException or FormatException or InvalidOperationException
            || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return OutsideImage.Unreachable($"{name.Host} gave no usable answer: {(fault is OperationCanceledException ? "it took longer than 5 s" : fault.Message)}");
        }
    }

    private async Task<OutsideImage> ReadAsync(ImageName name, Uri url, AuthenticationHeaderValue? authorization, HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (answer.StatusCode is HttpStatusCode.NotFound && _account is null)
            return OutsideImage.NotFound($"{name.Host} has no image {name}.");
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return OutsideImage.NotFound(_account is null
                ? $"{name.Host} has no image {name}, or shows it to nobody without credentials."
                : $"{name.Host} has no image {name}, or does not show it to the account that this registry has there.");
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
}
