using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>Asks another registry, without credentials, which manifest a name means. HTTPS alone, except on loopback; one try.</summary>
internal sealed partial class OutsideRegistry(bool allowPrivateHosts) : IDisposable
{
    private const int MaxHops = 4;
    private const int MaxManifestBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static readonly string Accepted =
        string.Join(", ", MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerList, MediaTypes.DockerManifest);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = (context, cancellation) => OutsideAddress.ConnectAsync(context, allowPrivateHosts, cancellation),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = Limit,
        MaxResponseContentBufferSize = MaxManifestBytes,
    };

    public async Task<OutsideImage> ResolveAsync(ImageName name, CancellationToken cancellation)
    {
        try
        {
            var url = ManifestUrl(name);
            using var first = await AskAsync(HttpMethod.Head, url, null, cancellation);
            if (first.StatusCode != HttpStatusCode.Unauthorized)
                return await ReadAsync(name, url, null, first, cancellation);
            if (await GetPassAsync(first, url, name, cancellation) is not { } pass)
                return OutsideImage.NotFound($"{name.Host} shows {name} to nobody without credentials.");
            using var second = await AskAsync(HttpMethod.Head, url, pass, cancellation);
            return await ReadAsync(name, url, pass, second, cancellation);
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

    private async Task<OutsideImage> ReadAsync(ImageName name, Uri url, string? pass, HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (answer.StatusCode is HttpStatusCode.NotFound)
            return OutsideImage.NotFound($"{name.Host} has no image {name}.");
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return OutsideImage.NotFound($"{name.Host} has no image {name}, or shows it to nobody without credentials.");
        if (!answer.IsSuccessStatusCode)
            return OutsideImage.Unreachable($"{name.Host} answered {(int)answer.StatusCode} for {name}.");
        var said = answer.Headers.TryGetValues("Docker-Content-Digest", out var values) ? values.First() : "";
        var digest = Digest.IsKnown(said) ? said : await DigestOfBodyAsync(url, pass, cancellation);
        return name.Digest is { } asked && asked != digest
            ? OutsideImage.Unreachable($"{name.Host} answered {digest} when asked for {asked}.")
            : OutsideImage.Resolved(digest, name.Pinned(digest));
    }

    /// <summary>Some registries leave the digest out of the headers; the bytes have it.</summary>
    private async Task<string> DigestOfBodyAsync(Uri url, string? pass, CancellationToken cancellation)
    {
        using var answer = await AskAsync(HttpMethod.Get, url, pass, cancellation);
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"it answered {(int)answer.StatusCode} to GET after {(int)HttpStatusCode.OK} to HEAD");
        return Digest.Of(await answer.Content.ReadAsByteArrayAsync(cancellation));
    }

    /// <summary>The anonymous pass of the token flow; null when the challenge is another one or nothing is given without credentials.</summary>
    private async Task<string?> GetPassAsync(HttpResponseMessage challenged, Uri registry, ImageName name, CancellationToken cancellation)
    {
        var bearer = challenged.Headers.WwwAuthenticate.FirstOrDefault(challenge => challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase));
        var parameters = Parameters.Matches(bearer?.Parameter ?? "").ToLookup(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.OrdinalIgnoreCase);
        if (!Uri.TryCreate(parameters["realm"].FirstOrDefault(), UriKind.Absolute, out var realm) || !MayGo(registry, realm))
            return null;
        var service = Uri.EscapeDataString(parameters["service"].FirstOrDefault() ?? "");
        var scope = Uri.EscapeDataString($"repository:{name.Repository}:pull");
        var url = new UriBuilder(realm) { Query = $"{realm.Query.TrimStart('?')}&service={service}&scope={scope}".TrimStart('&') }.Uri;
        using var answer = await AskAsync(HttpMethod.Get, url, null, cancellation);
        if (!answer.IsSuccessStatusCode)
            return null;
        using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation));
        return TextOf(document.RootElement, "token") ?? TextOf(document.RootElement, "access_token");
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, Uri url, string? pass, CancellationToken cancellation)
    {
        for (var hop = 0; ; hop++)
        {
            using var request = new HttpRequestMessage(method, url);
            request.Headers.TryAddWithoutValidation("Accept", Accepted);
            if (pass is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", pass);
            var answer = await _http.SendAsync(request, cancellation);
            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || answer.Headers.Location is not { } location)
                return answer;
            answer.Dispose();
            var next = new Uri(url, location);
            if (hop == MaxHops || !MayGo(url, next))
                throw new HttpRequestException($"it redirects to {next.GetLeftPart(UriPartial.Authority)}, where this registry does not follow");
            // A pass is for the registry that asked for it.
            if (next.Authority != url.Authority)
                pass = null;
            url = next;
        }
    }

    /// <summary>HTTPS leads to HTTPS on machines other than this one; a registry on loopback may lead to loopback. Nothing else.</summary>
    private static bool MayGo(Uri from, Uri to) => from.Scheme == to.Scheme && from.IsLoopback == to.IsLoopback;

    private static Uri ManifestUrl(ImageName name)
    {
        var host = name.Host == ImageName.DockerHub ? "registry-1.docker.io" : name.Host;
        var scheme = new Uri("https://" + host).IsLoopback ? "http" : "https";
        return new Uri($"{scheme}://{host}/v2/{name.Repository}/manifests/{name.Reference}");
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text : null;

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("""([A-Za-z]+)="([^"]*)" """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Parameters { get; }
}
