using Claimed.Registry.Images.Proxies;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>Settings <c>Images__…</c>: the OCI store under <c>/v2/</c>.</summary>
public sealed record ImageOptions
{
    /// <summary>How references name this registry, <c>host[:port]</c>; default: the host and port of <c>Registry__PublicUrl</c>.</summary>
    public string PublicHost { get; set; } = "";

    /// <summary>Whether images may be looked up at registries with loopback, private or link-local addresses; those of this registry itself always are.</summary>
    public bool AllowPrivateHosts { get; init; }

    /// <summary>Registries elsewhere that are asked with an account of the operator.</summary>
    public IReadOnlyList<UpstreamOptions> Upstreams { get; init; } = [];

    /// <summary>Namespaces that hand on the images of a registry elsewhere.</summary>
    public IReadOnlyList<ProxyOptions> Proxies { get; init; } = [];

    /// <summary>Where built images lie instead of here.</summary>
    public ExternalRegistryOptions ExternalRegistry { get; init; } = new();

    /// <summary>Largest manifest, in bytes.</summary>
    public int MaxManifestBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes of memory for manifests that were read, and for what tags name; 0 keeps none.</summary>
    public long ManifestCacheBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long a request or an answer may stand still, or nearly so (below 16 KiB in this time), before it is ended.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a request waits for another one that writes to the same upload, here or at another node on the same folder.</summary>
    public TimeSpan UploadTurn { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an upload that nobody continues is kept.</summary>
    public TimeSpan UploadExpiry { get; init; } = TimeSpan.FromDays(1);
}

/// <summary>Says at start what is wrong with <see cref="ImageOptions"/>.</summary>
public sealed class ImageOptionsCheck : IValidateOptions<ImageOptions>
{
    public ValidateOptionsResult Validate(string? name, ImageOptions options)
    {
        if (!ImageName.IsHost(options.PublicHost))
            return ValidateOptionsResult.Fail($"Images__PublicHost is \"{options.PublicHost}\": give host and port alone, such as registry.example.org:5000");
        if (options.MaxManifestBytes < 64 * 1024)
            return ValidateOptionsResult.Fail("Images__MaxManifestBytes is below 65536: manifests of ordinary images would be refused");
        if (options.ManifestCacheBytes < 0)
            return ValidateOptionsResult.Fail("Images__ManifestCacheBytes is below 0: give bytes, or 0 to keep no manifests in memory");
        if (options.IdleTimeout < TimeSpan.FromSeconds(1) || options.UploadExpiry < TimeSpan.FromMinutes(1))
            return ValidateOptionsResult.Fail("Images__IdleTimeout is below a second or Images__UploadExpiry below a minute: write them as hh:mm:ss");
        if (options.UploadTurn < TimeSpan.Zero || options.UploadTurn > TimeSpan.FromHours(1))
            return ValidateOptionsResult.Fail("Images__UploadTurn is below 0 or above an hour: write it as hh:mm:ss");
        return ValidateOptionsResult.Success;
    }
}
