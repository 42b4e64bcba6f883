using MassTransit;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Adds the bus that wakes builders: in memory, or RabbitMQ where builders are processes of their own.</summary>
public static class BusSetup
{
    /// <param name="builds">Whether this process has a builder to wake.</param>
    public static void AddBus(this IServiceCollection services, IConfiguration configuration, bool builds)
    {
        services.AddOptions<BusOptions>().Bind(configuration.GetSection("Bus")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BusOptions>, BusOptionsCheck>();
        services.AddMassTransit(bus =>
        {
            // The library would tell its makers which buses run here; a registry talks to nobody whom its operator has not named.
            bus.DisableUsageTelemetry();
            if (builds)
                bus.AddConsumer<BuildRequestedConsumer>();
            if ((configuration.GetSection("Bus").Get<BusOptions>() ?? new BusOptions()) is { IsRabbitMq: true, Uri: { } uri })
                bus.UsingRabbitMq((context, rabbit) => Configure(rabbit, new Uri(uri), context, builds));
            else
                bus.UsingInMemory((context, memory) => memory.ConfigureEndpoints(context));
        });
        // A broker that does not answer must not hold up the end of the process.
        services.Configure<MassTransitHostOptions>(options => options.StopTimeout = TimeSpan.FromSeconds(3));
        services.AddHostedService<BuildSender>();
        services.AddHostedService<BusWatch>();
    }

    private static void Configure(IRabbitMqBusFactoryConfigurator rabbit, Uri uri, IBusRegistrationContext context, bool builds)
    {
        rabbit.Host(uri, host =>
        {
            if (uri.UserInfo.Split(':', 2) is [{ Length: > 0 } user, var password])
            {
                host.Username(Uri.UnescapeDataString(user));
                host.Password(Uri.UnescapeDataString(password));
            }
            // A broker that stands still is noticed after two of these.
            host.Heartbeat(TimeSpan.FromSeconds(10));
        });
        // Every builder has a queue of its own that ends with it: a call wakes all of them, and who takes the row decides the database. Others
        // have one that stays empty: a bus that waits for nothing never looks whether its broker is there.
        rabbit.ReceiveEndpoint(new TemporaryEndpointDefinition(), endpoint =>
        {
            if (builds)
                endpoint.ConfigureConsumer<BuildRequestedConsumer>(context);
        });
    }
}
