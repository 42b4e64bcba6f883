using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images.Proxies;

/// <summary>The namespaces that stand for registries elsewhere.</summary>
public sealed class ImageProxies : IDisposable
{
    private readonly Dictionary<string, ImageProxy> _bySpace;
    private readonly List<OutsideRegistry> _registries = [];

    public ImageProxies(
        IOptions<ImageOptions> options, ImageStore store, CachedImages cached, BlobFetches fetches, TimeProvider clock, ILogger<ImageProxies> logger)
    {
        _bySpace = options.Value.Proxies.ToDictionary(one => one.Namespace, one =>
        {
            // Without an entry of its own it is asked as everyone may, and still stands where the operator says.
            var upstream = new Upstream(options.Value.Upstreams.FirstOrDefault(entry => entry.Host.Equals(one.Upstream, StringComparison.OrdinalIgnoreCase))
                ?? new UpstreamOptions { Host = one.Upstream });
            var registry = new OutsideRegistry(options.Value.AllowPrivateHosts, upstream, new SilentHosts(clock), logger) { KeepsPasses = true };
            _registries.Add(registry);
            return new ImageProxy(one, registry, store, cached, fetches, options.Value, clock);
        }, StringComparer.Ordinal);
    }

    public IEnumerable<ProxyOptions> All => _bySpace.Values.Select(proxy => proxy.Options);

    /// <summary>The proxy that a repository belongs to, or null.</summary>
    public ImageProxy? Find(string repository) =>
        _bySpace.Count == 0 ? null : _bySpace.GetValueOrDefault(repository.Split('/', 2)[0]);

    public void Dispose() => _registries.ForEach(registry => registry.Dispose());
}

/// <summary>Makes the namespaces of the settings at start: a first pull, which may be anonymous, could not.</summary>
public sealed class ProxyNamespaces(ImageProxies proxies, RegistryDatabase database, Readiness readiness, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!proxies.All.Any())
            return;
        await readiness.Loaded.WaitAsync(stoppingToken);
        while (true)
        {
            try
            {
                await database.ChangeAsync(async change =>
                {
                    foreach (var proxy in proxies.All)
                    {
                        if (await change.UseNamespaceAsync(proxy.Namespace))
                            change.Tell("namespace.created", proxy.Namespace, new { });
                    }
                }, stoppingToken);
                return;
            }
            catch (Exception fault) when (StorageFaults.MayPass(fault))
            {
                // Readiness tells of the database; this waits until it is back.
                await Task.Delay(Pause, clock, stoppingToken);
            }
        }
    }
}
