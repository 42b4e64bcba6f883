using System.Net;
using System.Net.NetworkInformation;
using System.Net.Security;
using System.Net.Sockets;
using Claimed.Registry.Http;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Sites;

/// <summary>Speaks to the site's servers and to those elsewhere as the operator says: with the site's certificates and account, and through its proxy.</summary>
public sealed class SiteClient : IDisposable
{
    private const int MostRedirects = 5;
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(1);

    // Where clouds give credentials outside the link-local network.
    private static readonly IPAddress[] OfClouds = [IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("168.63.129.16")];

    private readonly SiteOptions _options;
    private readonly OwnCertificates? _certificates;
    private readonly HashSet<string> _named;

    public SiteClient(IOptions<SiteOptions> options)
    {
        _options = options.Value;
        _certificates = _options.CaBundle is { } file ? OwnCertificates.Read(file) : null;
        Proxy = _options.HttpProxy is null ? null : new SiteProxy(_options);
        _named = new HashSet<string>(new[] { _options.Pip.IndexUrl, _options.Apt.Mirror, _options.Cran.Mirror, _options.HttpProxy }.OfType<string>()
            .Select(address => HostAndPort(new Uri(address))), StringComparer.OrdinalIgnoreCase);
        Invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseProxy = Proxy is not null,
            Proxy = Proxy,
            ConnectTimeout = ConnectLimit,
            ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, cancellation),
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Accepts },
        });
    }

    /// <summary>Null when the site has none.</summary>
    internal SiteProxy? Proxy { get; }

    /// <summary>Sends one request as it is, without following where its answer leads.</summary>
    public HttpMessageInvoker Invoker { get; }

    /// <summary>Fetches something; what a server of the site hands on is followed, the account goes to that server alone.</summary>
    /// <param name="ask">Adds headers of the request.</param>
    public async Task<HttpResponseMessage> FetchAsync(HttpMethod method, Uri address, SiteCredentials? account, Action<HttpRequestMessage> ask, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(AnswerLimit);
        var first = address;
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(method, address);
            ask(request);
            if (account is not null && IsSameOrigin(first, address))
                request.Headers.Authorization = account.Header;
            var answer = await Invoker.SendAsync(request, limit.Token);
            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || answer.Headers.Location is not { } next || redirects == MostRedirects)
                return answer;
            answer.Dispose();
            address = new Uri(address, next);
        }
    }

    internal static bool IsSameOrigin(Uri one, Uri other) => one.Scheme == other.Scheme && one.Authority == other.Authority;

    /// <summary>
    /// Connects for a build. What the operator named may be anywhere. A name that a build chose must not lead to this machine itself or to the
    /// addresses that clouds give credentials under; the rest of the network its steps could reach without us.
    /// </summary>
    internal async ValueTask<Stream> ConnectAsync(DnsEndPoint place, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(place.Host, cancellation);
        if (!_named.Contains($"{place.Host.Trim('[', ']')}:{place.Port}"))
        {
            // Looked up each time: engines make bridges as they go.
            var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(one => one.Address).ToList();
            addresses = [.. addresses.Where(address => IsOfNetwork(address, own))];
        }
        if (addresses.Length == 0)
            throw new HttpRequestException(HttpRequestError.ConnectionError, "it has no address that builds may reach");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, place.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <param name="own">The addresses of this machine.</param>
    internal static bool IsOfNetwork(IPAddress address, IReadOnlyCollection<IPAddress> own)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (own.Contains(plain) || OfClouds.Contains(plain))
            return false;
        if (IPAddress.IsLoopback(plain) || plain.IsIPv6LinkLocal || plain.IsIPv6Multicast || plain.Equals(IPAddress.IPv6Any))
            return false;
        return plain.AddressFamily != AddressFamily.InterNetwork || (plain.GetAddressBytes() is [not (0 or 127 or >= 224), ..] and not [169, 254, ..]);
    }

    internal bool Accepts(object sender, System.Security.Cryptography.X509Certificates.X509Certificate? certificate, System.Security.Cryptography.X509Certificates.X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None
        || (_options.Pip.TrustedHost is { } trusted && sender is SslStream { TargetHostName: var host } && host.Equals(trusted.Split(':')[0], StringComparison.OrdinalIgnoreCase))
        || _certificates?.Accepts(sender, certificate, chain, errors) == true;

    private static string HostAndPort(Uri address) => $"{address.IdnHost.Trim('[', ']')}:{address.Port}";

    public void Dispose() => Invoker.Dispose();
}
