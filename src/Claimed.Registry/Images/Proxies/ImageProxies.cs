using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images.Proxies;

/// <summary>The namespaces that stand for registries elsewhere.</summary>
public sealed class ImageProxies : IDisposable
{
    // Whoever pulls waits; a short look now and then costs little, and what is here is served meanwhile.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, ImageProxy> _bySpace;
    private readonly List<OutsideRegistry> _registries = [];

    public ImageProxies(IOptions<ImageOptions> options, ProxyStore here, TimeProvider clock, ILogger<ImageProxies> logger)
    {
        _bySpace = options.Value.Proxies.ToDictionary(one => one.Namespace, one =>
        {
            // Without an entry of its own it is asked as everyone may, and still stands where the operator says.
            var upstream = new Upstream(UpstreamOf(one, options.Value) ?? new UpstreamOptions { Host = one.Upstream, Namespaces = [one.Namespace] });
            var registry = new OutsideRegistry(options.Value.AllowPrivateHosts, upstream, new SilentHosts(clock, Rest), logger) { KeepsPasses = true };
            _registries.Add(registry);
            return new ImageProxy(one, registry, repository => upstream.Covers(one.Namespace, repository), here, options.Value, clock);
        }, StringComparer.Ordinal);
    }

    /// <summary>The entry of <c>Images__Upstreams</c> that a proxy asks with, or null.</summary>
    internal static UpstreamOptions? UpstreamOf(ProxyOptions proxy, ImageOptions options) =>
        options.Upstreams.FirstOrDefault(entry => entry.Host.Equals(proxy.Upstream, StringComparison.OrdinalIgnoreCase));

    public IReadOnlyCollection<ImageProxy> All => _bySpace.Values;

    /// <summary>The proxy that a repository belongs to, or null.</summary>
    public ImageProxy? Find(string repository) =>
        _bySpace.Count == 0 ? null : _bySpace.GetValueOrDefault(RepositoryNames.SpaceOf(repository));

    public void Dispose() => _registries.ForEach(registry => registry.Dispose());
}
