using System.Net;

namespace Claimed.Registry.Builds.Sites;

/// <summary>The site's own proxy, and for what it is not used.</summary>
internal sealed class SiteProxy(SiteOptions options) : IWebProxy
{
    private readonly string[] _direct = options.NoProxy?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    public Uri Address { get; } = new(options.HttpProxy!);

    public ICredentials? Credentials
    {
        get => Account is { } account ? new NetworkCredential(account.User, account.Password) : null;
        set => throw new NotSupportedException();
    }

    public SiteCredentials? Account => SiteCredentials.Read(options.HttpProxyCredentials);

    public Uri GetProxy(Uri destination) => Address;

    public bool IsBypassed(Uri host) => IsDirect(host.IdnHost);

    public bool IsDirect(string host) => Array.Exists(_direct, entry => entry == "*"
        || host.Equals(entry.TrimStart('.'), StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + entry.TrimStart('.'), StringComparison.OrdinalIgnoreCase));
}
