using System.Net;
using System.Net.Sockets;

namespace Claimed.Registry.Images;

/// <summary>
/// Which machines this registry talks to on someone else's word: public ones. A publisher names hosts freely, and what stands behind
/// them in the registry's own network is not for the publisher to ask.
/// </summary>
internal static class OutsideAddress
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    // The special-purpose registries of IANA (RFC 6890); of IPv6 only the global unicast block is public, without what wraps IPv4 addresses.
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    public static bool IsPublic(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (plain.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(plain)) && !Special.Any(network => network.Contains(plain));
    }

    /// <summary>Why a host is not asked.</summary>
    public static string NotPublic(string setting) => $"it has no public address ({setting})";

    /// <summary>As images are looked up: plain HTTP stays on this machine, whatever address its names may have.</summary>
    public static ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, bool allowPrivate, CancellationToken cancellation) =>
        ConnectAsync(context, (address, isPlain) => isPlain ? allowPrivate && IPAddress.IsLoopback(address) : allowPrivate || IsPublic(address), "Images__AllowPrivateHosts", cancellation);

    /// <summary>
    /// Connects to an address that was checked itself: a name may mean a public machine when it is looked at and a private one when it is
    /// used. A proxy of this site is where the site put it.
    /// </summary>
    /// <param name="isAllowed">Whether an address may be spoken to; true: over plain HTTP.</param>
    /// <param name="setting">What would allow more.</param>
    /// <param name="mayBeProxy">False for a client without proxies, whose every connection is to a machine that somebody named.</param>
    public static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, Func<IPAddress, bool, bool> isAllowed, string setting, CancellationToken cancellation, bool mayBeProxy = true)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var isProxy = mayBeProxy && context.InitialRequestMessage.RequestUri is { } asked && (asked.IdnHost.Trim('[', ']') != host.Trim('[', ']') || asked.Port != port);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ConnectLimit);
        try
        {
            var known = await Dns.GetHostAddressesAsync(host, limit.Token);
            var isPlain = context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttp;
            var addresses = isProxy ? known : [.. known.Where(address => isAllowed(address, isPlain))];
            if (addresses.Length == 0)
                throw new HttpRequestException(HttpRequestError.ConnectionError, NotPublic(setting));
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses, port, limit.Token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"no connection within {ConnectLimit.TotalSeconds} s");
        }
    }
}
