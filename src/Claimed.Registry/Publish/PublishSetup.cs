namespace Claimed.Registry.Publish;

/// <summary>Adds the publish slice.</summary>
public static class PublishSetup
{
    public static void AddPublish(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PublishOptions>().Bind(configuration.GetSection("Publish"))
            .Validate(options => options is { MaxUploadBytes: > 0, MaxUnpackedBytes: > 0, MaxFiles: > 0 }, "Publish__Max… must be positive.").ValidateOnStart();
        services.AddSingleton<UploadReader>();
        services.AddSingleton<Examination>();
        services.AddSingleton<Publisher>();
        services.AddSingleton<Library>();
        services.AddSingleton<PublishRequest>();
    }
}
