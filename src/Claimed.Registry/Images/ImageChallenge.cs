using Claimed.Registry.Access;
using Claimed.Registry.Access.Passes;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>Tells an image client where to get a pass.</summary>
public sealed class ImageChallenge(IOptions<RegistryOptions> registry, IOptions<ImageOptions> images)
{
    /// <summary>401 with the challenge of the token flow; the scope tells the client what to ask for.</summary>
    /// <param name="source">Where a blob is to be mounted from.</param>
    public OciError Of(HttpContext context, string? repository, string? source = null)
    {
        var second = source is null ? "" : $" repository:{source}:pull";
        var scope = repository is null ? "" : $",scope=\"repository:{repository}:pull,push{second}\"";
        context.Response.Headers.WWWAuthenticate =
            $"Bearer realm=\"{BaseUrl(context.Request)}{PassEndpoint.Path}\",service=\"{images.Value.PublicHost}\"{scope}";
        return new OciError(401, "UNAUTHORIZED",
            "A token is needed, or the one sent is not valid: log in (docker login, podman login) with any user name and a token as the password.");
    }

    /// <summary>
    /// Clients demand an absolute address. One that came through the public host, or a proxy that is trusted, is sent there, with the public scheme, because a proxy
    /// may end TLS; one that reached this process by another name (loopback, a container network) is sent back the way it came.
    /// Only the sender of a Host header sees what it does here.
    /// </summary>
    private string BaseUrl(HttpRequest request)
    {
        var cameThroughProxy = TrustedProxies.Brought(request.HttpContext);
        var publicUrl = registry.Value.BaseUrl;
        var isPublicHost = request.Host.Value is not { Length: > 0 } host || host.Equals(new Uri(publicUrl).Authority, StringComparison.OrdinalIgnoreCase)
            || host.Contains('"', StringComparison.Ordinal);
        return cameThroughProxy || isPublicHost ? publicUrl : $"{request.Scheme}://{request.Host.Value}";
    }
}
