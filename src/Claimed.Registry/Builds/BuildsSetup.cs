using Claimed.Registry.Builds.Bases;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Builds.Logs;
using Claimed.Registry.Builds.Sites;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Adds the build slice.</summary>
public static class BuildsSetup
{
    public static void AddBuilds(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BuildOptions>().Bind(configuration.GetSection("Builds")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BuildOptions>, BuildOptionsCheck>();
        services.AddSingleton<IImageBuilder, DockerImageBuilder>();
        services.AddSingleton<StepMark>();
        services.AddSingleton<StoreDelivery>();
        services.AddSingleton<ImageDelivery>();
        services.AddSingleton<BuildCalls>();
        services.AddSingleton<BuildWake>();
        services.AddSingleton<BuildQueue>();
        services.AddSingleton<BuildSweeper>();
        services.AddSingleton<BuilderRoll>();
        services.AddSingleton<BuildRun>();
        services.AddSingleton<BuildMaking>();
        services.AddSingleton<BuildFinish>();
        services.AddOptions<SiteOptions>().Bind(configuration.GetSection("Builds")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiteOptions>, SiteOptionsCheck>();
        services.AddSingleton<SiteClient>();
        services.AddSingleton<PackageIndex>();
        services.AddSingleton<SiteGateway>();
        services.AddSingleton<BaseSources>();
        services.AddSingleton<BaseLookup>();
        services.AddSingleton<HeldBases>();
        services.AddSingleton<BasePinning>();
        services.AddSingleton<BuildOrigin>();
        services.AddSingleton<KnownImages>();
        services.AddSingleton<ImageIndexes>();
        services.AddSingleton<BuildControl>();
        services.AddSingleton<BuiltDockerfile>();
        services.AddSingleton<BuildArchive>();
        services.AddSingleton<BuildLogReader>();
        services.AddSingleton<SecretTexts>();
        services.AddSingleton<ReadyVersions>();
        services.AddSingleton<BuildLeftovers>();
        services.AddSingleton<PublicHost>();
        services.AddSingleton<Rerendering>();
        services.AddHostedService<PublicHostCheck>();
        services.AddSingleton<PushHost>();
        services.AddSingleton<PushTarget>();
        services.AddSingleton<BuildBeat>();
        var builds = configuration.GetSection("Builds").Get<BuildOptions>() ?? new BuildOptions();
        services.AddBus(configuration, builds.Enabled);
        services.AddHostedService<QueueWatch>();
        if (!builds.Enabled)
            return;
        services.AddHostedService<EngineCare>();
        services.AddHostedService<Builder>();
    }
}
