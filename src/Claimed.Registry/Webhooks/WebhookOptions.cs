using System.Net;
using Claimed.Registry.Access;
using Claimed.Registry.Images;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Claimed.Registry.Webhooks;

/// <summary>Settings <c>Webhooks__…</c>.</summary>
public sealed class WebhookOptions
{
    /// <summary>Most webhooks of one namespace.</summary>
    public const int MostPerNamespace = 20;

    /// <summary>False: this process delivers nothing; others do.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Whether owners may name addresses of this machine and of its networks: loopback, link-local and private ones, over plain HTTP too.</summary>
    public bool AllowPrivateHosts { get; set; }

    /// <summary>Networks (<c>10.20.0.0/16</c>) or addresses that may be named beside public ones, over plain HTTP too.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; set; } = [];

    /// <summary>HTTP proxy for deliveries, <c>http://proxy:3128</c>; names are then looked up by it, so it has to keep them from what is private.</summary>
    public string? Proxy { get; set; }

    /// <summary>The longest that an attempt may take, connection and answer together.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause after the first attempt that failed; each further one is three times as long.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause between attempts.</summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromHours(1);

    /// <summary>For how long an event is tried; then the webhook is disabled.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>A process that has not given a sign for this long does not deliver any more.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Attempts of each webhook that owners can look at, the newest.</summary>
    public int KeptDeliveries { get; set; } = 100;

    /// <summary>Whether anything but public addresses over HTTPS is allowed.</summary>
    public bool AllowsPlain => AllowPrivateHosts || AllowedNetworks.Count > 0;

    /// <summary>Whether deliveries may go to an address.</summary>
    public bool Allows(IPAddress address, bool isPlain) => AllowPrivateHosts || (!isPlain && OutsideAddress.IsPublic(address)) || IsNamed(address);

    /// <summary>The pause before the next attempt, or null when this was the last.</summary>
    /// <param name="failures">Attempts in a row that failed.</param>
    public TimeSpan? PauseAfter(int failures)
    {
        var waited = TimeSpan.Zero;
        var pause = FirstPause;
        for (var attempt = 1; waited < GiveUpAfter; attempt++)
        {
            if (attempt == failures)
                return pause;
            waited += pause;
            pause = pause * 3 < LongestPause ? pause * 3 : LongestPause;
        }
        return null;
    }

    private bool IsNamed(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return AllowedNetworks.Select(TrustedProxies.Read).OfType<IPNetwork>().Any(network => network.Contains(plain));
    }
}

/// <summary>Says at start what is wrong with <see cref="WebhookOptions"/>.</summary>
public sealed class WebhookOptionsCheck : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        if (options.AllowedNetworks.FirstOrDefault(network => TrustedProxies.Read(network) is null) is { } unread)
            return ValidateOptionsResult.Fail($"Webhooks__AllowedNetworks has \"{unread}\": give networks such as 10.20.0.0/16, or addresses such as 10.1.2.3.");
        if (options.Proxy is not null && (!Uri.TryCreate(options.Proxy, UriKind.Absolute, out var proxy) || proxy.Scheme != Uri.UriSchemeHttp))
            return ValidateOptionsResult.Fail($"Webhooks__Proxy is \"{options.Proxy}\": write http://host:port.");
        if (options.Timeout <= TimeSpan.Zero || options.Lease < options.Timeout * 2)
            return ValidateOptionsResult.Fail("Webhooks__Lease is shorter than twice Webhooks__Timeout: a process would lose a webhook while it waits for an answer.");
        if (options.FirstPause <= TimeSpan.Zero || options.LongestPause < options.FirstPause)
            return ValidateOptionsResult.Fail("Webhooks__LongestPause is shorter than Webhooks__FirstPause, or that is not above 0.");
        if (options.KeptDeliveries is < 1 or > 10_000)
            return ValidateOptionsResult.Fail("Webhooks__KeptDeliveries is outside 1 to 10000.");
        return ValidateOptionsResult.Success;
    }
}
