using Claimed.Registry.Access;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>
/// Pins image references: those of this registry from its own store, others by asking their registry. A host that
/// cannot be reached is not asked again for a while.
/// </summary>
public sealed class OutsideImages(ImageStore store, IServer server, Rights rights, IOptions<ImageOptions> options, TimeProvider clock) : IDisposable
{
    private readonly SilentHosts _silent = new(clock);
    private readonly OutsideRegistry _registry = new(options.Value.AllowPrivateHosts);

    /// <summary>Resolves a reference such as <c>docker.io/library/python:3.12</c>; every outcome is a value.</summary>
    /// <param name="caller">Who asks: images here that the caller may not pull are not there, and other registries are left alone for those without a token, for whom this
    /// one would be a tool to look around with. Null for the registry itself.</param>
    public async Task<OutsideImage> ResolveAsync(string reference, Caller? caller, CancellationToken cancellation)
    {
        if (!ImageName.TryParse(reference, out var name))
            return OutsideImage.NotFound($"\"{reference}\" is no image reference: write host/repository:tag or host/repository@sha256:….");
        if (IsOwn(name.Host))
            return await ResolveOwnAsync(name, caller, cancellation);
        if (caller is { IsSignedIn: false })
            return OutsideImage.NotAsked;
        if (_silent.Find(name.Host) is { } silent)
            return silent;
        var answer = await _registry.ResolveAsync(name, cancellation);
        _silent.Learn(name.Host, answer);
        return answer;
    }

    /// <summary>True for the public host and for the loopback addresses that this process listens on.</summary>
    public bool IsOwn(string host)
    {
        if (host.Equals(options.Value.PublicHost, StringComparison.OrdinalIgnoreCase))
            return true;
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return Uri.TryCreate("http://" + host, UriKind.Absolute, out var asked) && asked.IsLoopback
            && addresses.Any(address => BindingAddress.Parse(address).Port == asked.Port);
    }

    private async Task<OutsideImage> ResolveOwnAsync(ImageName name, Caller? caller, CancellationToken cancellation)
    {
        var isOpen = caller is null || rights.MayPull(caller, name.Repository);
        var digest = isOpen ? await store.ResolveTagAsync(name.Repository, name.Reference, cancellation) : null;
        var answer = digest is null
            ? OutsideImage.NotFound($"This registry has no image {name.Repository} with {(name.Digest is null ? "tag" : "digest")} {name.Reference}.")
            : OutsideImage.Resolved(digest, (name with { Host = options.Value.PublicHost }).Pinned(digest));
        return answer with { IsOwn = true };
    }

    public void Dispose() => _registry.Dispose();
}
