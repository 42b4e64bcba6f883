using Claimed.Registry.Access;
using Claimed.Registry.Images.Proxies;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>
/// Pins image references: those of this registry from its own store, others by asking their registry, where the operator named it with
/// the account given for it.
/// </summary>
public sealed class OutsideImages : IDisposable
{
    private readonly ImageStore _store;
    private readonly ImageProxies _proxies;
    private readonly IServer _server;
    private readonly Rights _rights;
    private readonly ImageOptions _options;
    private readonly OutsideRegistry _others;

    // Each with connections and silent hosts of its own: what one namespace may reach must not be at hand for the next.
    private readonly List<(Upstream Upstream, OutsideRegistry Registry)> _upstreams;

    public OutsideImages(ImageStore store, ImageProxies proxies, IServer server, Rights rights, IOptions<ImageOptions> options, TimeProvider clock, ILogger<OutsideImages> logger)
    {
        (_store, _proxies, _server, _rights, _options) = (store, proxies, server, rights, options.Value);
        _others = new OutsideRegistry(_options.AllowPrivateHosts, null, new SilentHosts(clock), logger);
        _upstreams = [.. _options.Upstreams.Select(one => new Upstream(one))
            .Select(one => (one, new OutsideRegistry(_options.AllowPrivateHosts, one, new SilentHosts(clock), logger)))];
    }

    /// <summary>Resolves a reference such as <c>docker.io/library/python:3.12</c>; every outcome is a value.</summary>
    /// <param name="space">Namespace of the component that names the image.</param>
    /// <param name="component">Its name.</param>
    /// <param name="caller">Who asks: images here that the caller may not pull are not there, and other registries are left alone for those who may not publish the component,
    /// for whom this one would be a tool to look around with. Null for the registry itself.</param>
    public async Task<OutsideImage> ResolveAsync(string reference, string space, string component, Caller? caller, CancellationToken cancellation)
    {
        if (!ImageName.TryParse(reference, out var name))
            return OutsideImage.NotFound($"\"{reference}\" is no image reference: write host/repository:tag or host/repository@sha256:….");
        if (IsOwn(name.Host))
            return await ResolveOwnAsync(name, caller, cancellation);
        if (caller is not null && !_rights.May(caller, Deed.Publish, space, component))
            return OutsideImage.NotAsked;
        var upstream = _upstreams.Find(one => one.Upstream.Host.Equals(name.Host, StringComparison.OrdinalIgnoreCase) && one.Upstream.Covers(space, name.Repository));
        return await (upstream.Registry ?? _others).ResolveAsync(name, cancellation);
    }

    /// <summary>True for the public host and for the loopback addresses that this process listens on.</summary>
    public bool IsOwn(string host)
    {
        if (host.Equals(_options.PublicHost, StringComparison.OrdinalIgnoreCase))
            return true;
        var addresses = _server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return Uri.TryCreate("http://" + host, UriKind.Absolute, out var asked) && asked.IsLoopback
            && addresses.Any(address => BindingAddress.Parse(address).Port == asked.Port);
    }

    private async Task<OutsideImage> ResolveOwnAsync(ImageName name, Caller? caller, CancellationToken cancellation)
    {
        var isOpen = caller is null || _rights.MayPull(caller, name.Repository);
        if (isOpen && _proxies.Find(name.Repository) is { } proxy && await proxy.IsReadyAsync(cancellation)
            && await proxy.BringManifestAsync(name.Repository, name.Reference, cancellation) is { Status: >= 500 } error)
            return OutsideImage.Unreachable(error.Message) with { IsOwn = true };
        var digest = isOpen ? await _store.ResolveTagAsync(name.Repository, name.Reference, cancellation) : null;
        var answer = digest is null
            ? OutsideImage.NotFound($"This registry has no image {name.Repository} with {(name.Digest is null ? "tag" : "digest")} {name.Reference}.")
            : OutsideImage.Resolved(digest, (name with { Host = _options.PublicHost }).Pinned(digest));
        return answer with { IsOwn = true };
    }

    public void Dispose()
    {
        _others.Dispose();
        _upstreams.ForEach(one => one.Registry.Dispose());
    }
}
