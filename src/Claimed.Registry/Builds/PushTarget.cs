using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>With what an engine signs in where it pushes.</summary>
public sealed record PushAccount(string Username, string Password);

/// <summary>Where the images of builds go, and what lies there afterwards: this registry's own store, or one of the site.</summary>
public sealed partial class PushTarget : IDisposable
{
    internal const string BuildUser = "build";

    private readonly PushHost _host;
    private readonly PushTickets _tickets;
    private readonly ImageStore _store;
    private readonly ImageOptions _images;
    private readonly BuildOptions _builds;
    private readonly Upstream? _account;
    private readonly OutsideRegistry? _external;

    public PushTarget(
        PushHost host, PushTickets tickets, ImageStore store, IOptions<ImageOptions> images, IOptions<BuildOptions> builds, TimeProvider clock, ILogger<PushTarget> logger)
    {
        (_host, _tickets, _store, _images, _builds) = (host, tickets, store, images.Value, builds.Value);
        if (!_images.ExternalRegistry.IsSet)
            return;
        if (_builds.IsDeliveredByBuilder)
            LogEnginePushes(logger);
        _account = new Upstream(_images.ExternalRegistry.AsUpstream());
        _external = new OutsideRegistry(_images.AllowPrivateHosts, _account, new SilentHosts(clock), logger) { Setting = "Images__ExternalRegistry" };
    }

    /// <summary>Whether images lie in our own store, which then has tags for versions and channels.</summary>
    public bool IsOwn => _external is null;

    /// <summary>What the engine calls the image: each attempt has a tag of its own, which goes when the build ends.</summary>
    public string ReferenceFor(string repository, string attempt) =>
        $"{(!IsOwn ? _images.ExternalRegistry.NameOf(repository) : _builds.IsDeliveredByBuilder ? $"{_images.PublicHost}/{repository}" : $"{_host.Value}/{repository}")}:{attempt}";

    /// <summary>Under which name it is pushed, where that is another one: elsewhere tags are not ours to remove, so there it is the version's.</summary>
    public string? PushedAs(string repository, string version) => IsOwn ? null : $"{_images.ExternalRegistry.NameOf(repository)}:{version}";

    /// <param name="lifetime">How long the account of our own store must hold; null: as long as a build may take by the settings.</param>
    /// <exception cref="EngineUnavailableException">The password cannot be read.</exception>
    public PushAccount AccountFor(string repository, string reference, TimeSpan? lifetime = null)
    {
        if (IsOwn)
            return new PushAccount(BuildUser, _tickets.Issue(repository, TagOf(reference), lifetime ?? _builds.Timeout));
        if (!_account!.HasAccount)
            return new PushAccount("", "");
        return SecretFile.TryRead(_images.ExternalRegistry.PasswordFile!, out var fault, out var password)
            ? new PushAccount(_images.ExternalRegistry.Username!, password)
            : throw new EngineUnavailableException($"The password file of Images__ExternalRegistry {fault}.");
    }

    /// <summary>The digest of what lies there: not what the engine says, but what clients will pull.</summary>
    /// <param name="pushed">The digest that the engine says it pushed. Elsewhere the tag is not this build's alone: that digest is looked for.</param>
    /// <exception cref="EngineUnavailableException">It is not there.</exception>
    public async Task<string> DigestAsync(string repository, string reference, string? pushed, CancellationToken cancellation)
    {
        if (_external is null)
            return await _store.ResolveTagAsync(repository, TagOf(reference), cancellation)
                ?? throw new EngineUnavailableException("The engine said that it pushed the image, but the image store does not have it.");
        var found = ImageName.TryParse(pushed is null ? reference : $"{reference}@{pushed}", out var name) ? await _external.ResolveAsync(name, cancellation) : OutsideImage.NotFound($"{reference} is no image reference.");
        return found.Digest ?? throw new EngineUnavailableException($"The engine said that it pushed the image, but {found.Detail}");
    }

    /// <summary>As clients name the image.</summary>
    public string Pinned(string repository, string digest) =>
        IsOwn ? $"{_images.PublicHost}/{repository}@{digest}" : $"{_images.ExternalRegistry.NameOf(repository)}@{digest}";

    internal static string TagOf(string reference) => reference[(reference.LastIndexOf(':') + 1)..];

    public void Dispose() => _external?.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Images go to Images__ExternalRegistry, and the engine pushes them there: Builds__Delivery=Builder brings images into this registry's own store alone.")]
    private static partial void LogEnginePushes(ILogger logger);
}
