using Microsoft.Extensions.Options;

namespace Claimed.Registry.Http;

/// <summary>Absolute URLs of the registry's resources, from configuration and never from a request.</summary>
public sealed class RegistryUrls(IOptions<RegistryOptions> options, IConfiguration configuration)
{
    public string Base { get; } = options.Value.BaseUrl;

    /// <summary>How image references name this registry, <c>host[:port]</c>.</summary>
    public string ImageHost { get; } = configuration["Images:PublicHost"] is { Length: > 0 } host ? host : new Uri(options.Value.BaseUrl).Authority;

    public string Component(string space, string name) => $"{Base}/api/v1/components/{space}/{name}";

    public string Version(string space, string name, string version) => $"{Component(space, name)}/versions/{version}";

    public string Channel(string space, string name, string channel) => $"{Component(space, name)}/channels/{channel}";

    public string Namespace(string space) => $"{Base}/api/v1/namespaces/{space}";

    public string Build(long id) => $"{Base}/api/v1/builds/{id}";

    /// <param name="repository"><c>namespace/name</c>, or deeper.</param>
    public string Image(string repository)
    {
        var slash = repository.IndexOf('/');
        return $"{Base}/api/v1/images/{repository[..slash]}/{repository[(slash + 1)..].Replace("/", "%2F", StringComparison.Ordinal)}";
    }

    /// <summary>The page for people.</summary>
    public string Page(string space, string name) => $"{Base}/components/{space}/{name}";

    /// <summary>Whether only this machine can reach what the renditions name.</summary>
    public bool IsLoopback => new Uri(Base).IsLoopback;
}
