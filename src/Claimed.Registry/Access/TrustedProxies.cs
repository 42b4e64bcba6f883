using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Claimed.Registry.Access;

/// <summary>Proxies in front: who is one of <c>Access__TrustedProxies</c> is believed from where a request came, and that it came over TLS; nobody else is.</summary>
public static class TrustedProxies
{
    private static readonly string[] Names = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"];

    /// <summary>Without trusted proxies nothing is added.</summary>
    public static void UseTrustedProxies(this IApplicationBuilder app)
    {
        // What cannot be read stops the start a moment later, with a sentence.
        var named = app.ApplicationServices.GetRequiredService<IConfiguration>().GetSection("Access:TrustedProxies").Get<string[]>() ?? [];
        var networks = named.Select(Read).OfType<IPNetwork>().ToList();
        if (networks.Count == 0)
            return;
        app.Use((context, next) =>
        {
            if (context.Connection.RemoteIpAddress is { } sender && networks.Exists(network => Contains(network, sender)) && Names.Any(context.Request.Headers.ContainsKey))
                context.Features.Set(new Mark());
            return next(context);
        });
        // Addresses come from the settings, so the host that a proxy was asked for is of no use.
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in networks)
            forwarded.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(forwarded);
    }

    /// <summary>Whether a trusted proxy brought the request.</summary>
    public static bool Brought(HttpContext context) => context.Features.Get<Mark>() is not null;

    /// <summary>A network, or an address as the network of itself; null when it is neither.</summary>
    internal static IPNetwork? Read(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;

    private static bool Contains(IPNetwork network, IPAddress sender) => network.Contains(sender.IsIPv4MappedToIPv6 ? sender.MapToIPv4() : sender);

    private sealed class Mark;
}
