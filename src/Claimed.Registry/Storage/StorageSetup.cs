using Claimed.Database;
using Claimed.Registry.Storage.S3;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage;

/// <summary>Adds database and blobs by their settings.</summary>
public static class StorageSetup
{
    public static void AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DatabaseOptions>().Bind(configuration.GetSection("Database"))
            .Validate(options => options.IsSqlite || options.Provider.Equals("Postgres", StringComparison.OrdinalIgnoreCase),
                "Database__Provider is neither Sqlite nor Postgres.")
            .Validate(options => options.IsSqlite || !string.IsNullOrEmpty(options.ConnectionString),
                "Database__ConnectionString is needed with Database__Provider=Postgres, such as \"Host=db;Database=registry;Username=registry;Password=…\".")
            .ValidateOnStart();
        services.AddSingleton<SqliteSession>();
        services.AddPooledDbContextFactory<RegistryContext>((provider, options) =>
        {
            var database = provider.GetRequiredService<IOptions<DatabaseOptions>>().Value;
            if (database.IsSqlite)
            {
                var file = Path.Combine(provider.GetRequiredService<IOptions<RegistryOptions>>().Value.DataPath, "registry.db");
                Migrations.Sqlite.DesignTimeFactory.Use(options, database.ConnectionString ?? $"Data Source={file}");
                options.AddInterceptors(provider.GetRequiredService<SqliteSession>());
            }
            else
            {
                Migrations.Postgres.DesignTimeFactory.Use(options, PostgresConnection.WithLimits(database.ConnectionString!));
            }
        });
        services.AddSingleton<RegistryDatabase>();
        services.AddSingleton<DeferredBuilds>();
        services.AddSingleton<Readiness>();
        services.AddHostedService(provider => provider.GetRequiredService<Readiness>());
        services.AddSingleton<TemporaryFiles>();
        services.AddSingleton<DatabaseLocks>();
        services.AddBlobs(configuration.GetSection("Blobs"));
        services.AddSingleton<LostBlobs>();
        services.AddSingleton<BlobCollection>();
        services.AddOptions<CollectionOptions>().Bind(configuration.GetSection("Storage"))
            .Validate(options => options.CollectEvery == TimeSpan.Zero || options.CollectEvery >= TimeSpan.FromMinutes(1),
                "Storage__CollectEvery is below a minute: write d.hh:mm:ss, or 0 for never.")
            .Validate(options => options.CollectGrace >= CollectionOptions.LeastGrace,
                "Storage__CollectGrace is below a minute: what is being published would be collected.").ValidateOnStart();
    }

    private static void AddBlobs(this IServiceCollection services, IConfigurationSection settings)
    {
        services.AddOptions<BlobOptions>().Bind(settings).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BlobOptions>, BlobOptionsCheck>();
        services.AddSingleton<BlobStoreCheck>();
        if (settings.Get<BlobOptions>() is not { IsS3: true })
        {
            services.AddSingleton<IBlobStore, FileBlobStore>();
            services.AddSingleton<IUploadStore, FileUploads>();
            return;
        }
        services.AddSingleton(provider => new S3Bucket(provider.GetRequiredService<IOptions<BlobOptions>>().Value.S3, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<S3Bucket>>()));
        services.AddSingleton<S3Guard>();
        services.AddSingleton<S3BlobStore>();
        services.AddSingleton<IBlobStore>(provider => provider.GetRequiredService<S3BlobStore>());
        services.AddSingleton<IUploadStore, S3Uploads>();
    }
}
