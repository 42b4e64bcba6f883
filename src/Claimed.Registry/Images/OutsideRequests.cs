using System.Net.Http.Headers;
using System.Net.Security;

namespace Claimed.Registry.Images;

/// <summary>
/// Requests to another registry: HTTPS alone, except on loopback; one try. Redirects are followed by hand, because a pass or a password
/// is for the host that it was meant for and for no other.
/// </summary>
/// <param name="limit">How long an answer may take to begin, and one that is read whole to end.</param>
internal sealed class OutsideRequests(bool allowPrivateHosts, Upstream? upstream, TimeSpan limit) : IDisposable
{
    private const int MaxHops = 4;
    private const int MaxManifestBytes = 4 * 1024 * 1024;

    private static readonly string Accepted =
        string.Join(", ", MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerList, MediaTypes.DockerManifest);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy would carry the password of a registry on this machine over the network in the clear.
        UseProxy = upstream is not { Address.IsLoopback: true },
        ConnectCallback = (context, cancellation) =>
            OutsideAddress.ConnectAsync(context, allowPrivateHosts || upstream?.Is(context.DnsEndPoint) == true, cancellation),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        SslOptions = upstream?.Certificates is { } own ? new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = own.Accepts } : new SslClientAuthenticationOptions(),
    })
    {
        Timeout = limit,
        MaxResponseContentBufferSize = MaxManifestBytes,
    };

    /// <summary>Sends a request, and the same to where it is redirected.</summary>
    /// <param name="authorization">Left out from the first redirect to another host on.</param>
    /// <param name="completion">Whether the answer is read whole, or its content is for the caller to read.</param>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri url, AuthenticationHeaderValue? authorization, CancellationToken cancellation, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        for (var hop = 0; ; hop++)
        {
            using var request = new HttpRequestMessage(method, url);
            request.Headers.TryAddWithoutValidation("Accept", Accepted);
            request.Headers.Authorization = authorization;
            var answer = await _http.SendAsync(request, completion, cancellation);
            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || answer.Headers.Location is not { } location)
                return answer;
            answer.Dispose();
            var next = new Uri(url, location);
            if (hop == MaxHops || !MayGo(url, next))
                throw new HttpRequestException($"it redirects to {next.Scheme}://{next.Authority}, where this registry does not follow");
            if (next.Authority != url.Authority)
                authorization = null;
            url = next;
        }
    }

    /// <summary>HTTPS leads to HTTPS on machines other than this one; a registry on loopback may lead to loopback. Nothing else.</summary>
    public static bool MayGo(Uri from, Uri to) => from.Scheme == to.Scheme && from.IsLoopback == to.IsLoopback;

    public void Dispose() => _http.Dispose();
}
