using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Host and port under which the engine reaches our image store: as configured, else the loopback address that we listen on.</summary>
public sealed class PushHost(IServer server, IOptions<BuildOptions> options)
{
    public string Value => options.Value.PushHost ?? Loopback();

    private string Loopback()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        foreach (var address in addresses)
        {
            var url = BindingAddress.Parse(address);
            if (url.Scheme == "http" && !url.IsUnixPipe)
                return $"127.0.0.1:{url.Port}";
        }
        throw new EngineUnavailableException("This registry listens on no plain HTTP address that an engine on this machine could push to: set Builds__PushHost.");
    }
}
