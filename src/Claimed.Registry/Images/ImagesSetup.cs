using Claimed.Registry.Access;
using Claimed.Registry.Access.Passes;
using Claimed.Registry.Images.Browse;
using Claimed.Registry.Images.Proxies;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>Adds the image store and its routes.</summary>
public static class ImagesSetup
{
    public static IServiceCollection AddImages(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ImageOptions>().Bind(configuration.GetSection("Images"))
            .PostConfigure<IOptions<RegistryOptions>>((images, registry) =>
            {
                if (images.PublicHost.Length == 0 && Uri.TryCreate(registry.Value.PublicUrl, UriKind.Absolute, out var url))
                    images.PublicHost = url.Authority;
            })
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<ImageOptions>, ImageOptionsCheck>();
        services.AddSingleton<IValidateOptions<ImageOptions>, UpstreamOptionsCheck>();
        services.AddSingleton<ImageStore>();
        services.AddSingleton<ManifestCache>();
        services.AddSingleton<ImageChanges>();
        services.AddSingleton<ImageRights>();
        services.AddSingleton<NamespaceQuota>();
        services.AddSingleton<ExpiredImages>();
        services.AddSingleton<TagRetention>();
        services.AddSingleton<ImageCollection>();
        services.AddSingleton<ImageChallenge>();
        services.AddSingleton<UploadSessions>();
        services.AddSingleton<BlobEndpoints>();
        services.AddSingleton<UploadEndpoints>();
        services.AddSingleton<ManifestEndpoints>();
        services.AddSingleton<TagEndpoints>();
        services.AddSingleton<ImageDispatch>();
        services.AddSingleton<IValidateOptions<ImageOptions>, ProxyOptionsCheck>();
        services.AddSingleton<IValidateOptions<ImageOptions>, ExternalRegistryOptionsCheck>();
        services.AddSingleton<ImageProxies>();
        services.AddSingleton<CachedImages>();
        services.AddSingleton<ProxyRoom>();
        services.AddSingleton<UnusedTags>();
        services.AddSingleton<BlobFetches>();
        services.AddSingleton<ProxyStore>();
        services.AddHostedService<ProxyNamespaces>();
        services.AddSingleton<OutsideImages>();
        services.AddSingleton<ImageQueries>();
        services.AddSingleton<ImageDescription>();
        services.AddSingleton<PullCounts>();
        services.AddHostedService(provider => provider.GetRequiredService<PullCounts>());
        services.AddHostedService<UploadExpiry>();
        return services;
    }

    /// <summary>The routes under <c>/v2/</c>, and <c>/token</c>, which its challenges name.</summary>
    public static void MapImages(this IEndpointRouteBuilder endpoints)
    {
        // One catch-all for every method: names have slashes, so only ImageRoute can tell the resources apart.
        var dispatch = endpoints.ServiceProvider.GetRequiredService<ImageDispatch>();
        endpoints.Map("/v2/{**rest}", dispatch.HandleAsync).BySight().ExcludeFromDescription();
        endpoints.MapPasses();
    }
}
