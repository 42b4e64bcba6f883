using Microsoft.Extensions.Options;

namespace Claimed.Registry.Mirrors;

/// <summary>Adds what follows another registry, for the word <c>mirror</c>, and what others follow this one by.</summary>
public static class MirrorSetup
{
    public static void AddMirrors(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<MirrorOptions>().Bind(configuration.GetSection("Mirror"));
        services.AddSingleton<IValidateOptions<MirrorOptions>, MirrorOptionsCheck>();
        services.AddSingleton<Origin>();
        services.AddSingleton<OriginFeed>();
        services.AddSingleton<SpaceCopy>();
        services.AddSingleton<BundleCopy>();
        services.AddSingleton<FormCopy>();
        services.AddSingleton<ImageCopy>();
        services.AddSingleton<AttachedCopy>();
        services.AddSingleton<VersionCopy>();
        services.AddSingleton<ComponentCopy>();
        services.AddSingleton<MirrorRows>();
        services.AddSingleton<Mirroring>();
    }
}
