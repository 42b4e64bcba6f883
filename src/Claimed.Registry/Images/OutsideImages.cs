using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>
/// Pins image references: those of this registry from its own store, others by asking their registry. A host that did not answer is
/// not asked again for a while, so that a publish of many versions without a network does not wait for each.
/// </summary>
public sealed class OutsideImages(ImageStore store, IServer server, IOptions<ImageOptions> options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan RestAfterSilence = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, (DateTimeOffset Until, OutsideImage Answer)> _silent = new(StringComparer.OrdinalIgnoreCase);
    private readonly OutsideRegistry _registry = new();

    /// <summary>Resolves a reference such as <c>docker.io/library/python:3.12</c>; every outcome is a value.</summary>
    public async Task<OutsideImage> ResolveAsync(string reference, CancellationToken cancellation)
    {
        if (!ImageName.TryParse(reference, out var name))
            return OutsideImage.NotFound($"\"{reference}\" is no image reference: write host/repository:tag or host/repository@sha256:….");
        if (IsOwn(name.Host))
            return await ResolveOwnAsync(name, cancellation);
        if (_silent.TryGetValue(name.Host, out var silent) && clock.GetUtcNow() < silent.Until)
            return silent.Answer;
        var answer = await _registry.ResolveAsync(name, cancellation);
        if (answer.Outcome == OutsideImageOutcome.Unreachable)
            _silent[name.Host] = (clock.GetUtcNow() + RestAfterSilence, answer);
        else
            _silent.TryRemove(name.Host, out _);
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

    private async Task<OutsideImage> ResolveOwnAsync(ImageName name, CancellationToken cancellation)
    {
        var digest = await store.ResolveTagAsync(name.Repository, name.Reference, cancellation);
        var answer = digest is null
            ? OutsideImage.NotFound($"This registry has no image {name.Repository} with {(name.Digest is null ? "tag" : "digest")} {name.Reference}.")
            : OutsideImage.Resolved(digest, (name with { Host = options.Value.PublicHost }).Pinned(digest));
        return answer with { IsOwn = true };
    }

    public void Dispose() => _registry.Dispose();
}
