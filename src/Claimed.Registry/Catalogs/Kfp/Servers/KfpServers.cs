using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Catalogs.Kfp.Servers;

/// <summary>The KFP API servers that the operator names.</summary>
internal sealed class KfpServers(IOptions<KfpOptions> options) : IDisposable
{
    private readonly FrozenDictionary<string, KfpServer> _servers = options.Value.Targets.ToFrozenDictionary(target => target.Key, target => new KfpServer(target.Key, target.Value), StringComparer.Ordinal);

    /// <summary>Names of the targets that a namespace may deploy to, in ordinal order.</summary>
    public IReadOnlyList<string> For(string space) => [.. options.Value.Targets.Where(target => target.Value.Namespaces is [] || target.Value.Namespaces.Contains(space, StringComparer.Ordinal))
        .Select(target => target.Key).Order(StringComparer.Ordinal)];

    /// <summary>The server; null when there is none of that name, or not for this namespace.</summary>
    public KfpServer? Find(string target, string space) => For(space).Contains(target, StringComparer.Ordinal) ? _servers[target] : null;

    public void Dispose()
    {
        foreach (var server in _servers.Values)
            server.Dispose();
    }
}
