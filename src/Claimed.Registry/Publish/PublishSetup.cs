namespace Claimed.Registry.Publish;

/// <summary>Adds the publish slice.</summary>
public static class PublishSetup
{
    public static void AddPublish(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PublishOptions>().Bind(configuration.GetSection("Publish"))
            .Validate(options => options is { MaxUploadBytes: > 0, MaxUnpackedBytes: > 0, MaxFiles: > 0 }, "Publish__Max… must be positive.")
            .Validate(options => options.MaxBufferedBytes / 2 >= options.MaxUnpackedBytes,
                "Publish__MaxBufferedBytes is below twice Publish__MaxUnpackedBytes: an upload of the largest size could never be read.").ValidateOnStart();
        services.AddSingleton<UploadMemory>();
        services.AddSingleton<UploadReader>();
        services.AddSingleton<Examination>();
        services.AddSingleton<Validation>();
        services.AddSingleton<Publisher>();
        services.AddSingleton<Rebuilding>();
        services.AddSingleton<Library>();
        services.AddSingleton<PublishRequest>();
        services.AddSingleton<FileFetch>();
        services.AddSingleton<Tagging>();
    }
}
