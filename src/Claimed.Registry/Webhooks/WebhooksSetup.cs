using Microsoft.Extensions.Options;

namespace Claimed.Registry.Webhooks;

/// <summary>Adds webhooks.</summary>
public static class WebhooksSetup
{
    /// <param name="delivers">Whether this process tells them anything.</param>
    public static void AddWebhooks(this IServiceCollection services, IConfiguration configuration, bool delivers)
    {
        services.AddOptions<WebhookOptions>().Bind(configuration.GetSection("Webhooks")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptionsCheck>();
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<WebhookPost>();
        services.AddSingleton<WebhookRows>();
        services.AddSingleton<WebhookDeliveries>();
        if (delivers)
            services.AddHostedService<WebhookCourier>();
    }
}
