using MassTransit;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Adds the build slice and the bus that wakes it.</summary>
public static class BuildsSetup
{
    public static void AddBuilds(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BuildOptions>().Bind(configuration.GetSection("Builds")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BuildOptions>, BuildOptionsCheck>();
        services.AddOptions<BusOptions>().Bind(configuration.GetSection("Bus"))
            .Validate(options => options.Transport == "InMemory", "Bus__Transport can only be InMemory in this version.").ValidateOnStart();
        services.AddSingleton<IImageBuilder, DockerImageBuilder>();
        services.AddSingleton<BuildCalls>();
        services.AddSingleton<BuildWake>();
        services.AddSingleton<BuildQueue>();
        services.AddSingleton<BuildSweeper>();
        services.AddSingleton<BuildRun>();
        services.AddSingleton<BuildControl>();
        services.AddSingleton<BuildLogReader>();
        services.AddSingleton<ReadyVersions>();
        services.AddSingleton<PushHost>();
        var builds = configuration.GetSection("Builds").Get<BuildOptions>() ?? new BuildOptions();
        services.AddMassTransit(bus =>
        {
            if (builds.Enabled)
                bus.AddConsumer<BuildRequestedConsumer>();
            bus.UsingInMemory((context, memory) => memory.ConfigureEndpoints(context));
        });
        services.AddHostedService<BuildSender>();
        if (builds.Enabled)
            services.AddHostedService<Builder>();
    }
}
