using Claimed.Database;
using Claimed.Registry.Access;
using Claimed.Registry.Access.Limits;
using Claimed.Registry.Builds;
using Claimed.Registry.Catalogs;
using Claimed.Registry.Catalogs.Airflow;
using Claimed.Registry.Catalogs.Artifactory;
using Claimed.Registry.Catalogs.Elyra;
using Claimed.Registry.Catalogs.Kfp;
using Claimed.Registry.Catalogs.Kfp.Servers;
using Claimed.Registry.Catalogs.Mlx;
using Claimed.Registry.Channels;
using Claimed.Registry.Events;
using Claimed.Registry.Evidence;
using Claimed.Registry.Export;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Pieces;
using Claimed.Registry.Images;
using Claimed.Registry.Images.Browse;
using Claimed.Registry.Mirrors;
using Claimed.Registry.Namespaces;
using Claimed.Registry.OpenApi;
using Claimed.Registry.Pages;
using Claimed.Registry.Publish;
using Claimed.Registry.Reads;
using Claimed.Registry.Search;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.S3;
using Claimed.Registry.Storage.Snapshot;
using Claimed.Registry.Telemetry;
using Claimed.Registry.Versions;
using Claimed.Registry.Webhooks;
using Claimed.Registry.Wheels;
using Claimed.Registry.Words;
using Microsoft.AspNetCore.Connections;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry;

/// <summary>The one composition root: the program, the tests and the benchmarks all run what this builds.</summary>
public static class RegistryApp
{
    // What a client may be ahead of whoever takes its body, at the socket and, of TLS, behind it. With the default of both, 64 uploads at once are
    // 64 MB ahead, and twice that in chunks.
    private const int MostAhead = 256 * 1024;

    /// <summary>Builds the service; <paramref name="adjust"/> lets a test replace a part at a process boundary.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null, Role role = Role.Serve)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        // Not in appsettings.json: a file would win over ASPNETCORE_URLS.
        if (builder.Configuration[WebHostDefaults.ServerUrlsKey] is null)
            builder.WebHost.UseUrls("http://localhost:8080");
        if (role == Role.Web)
            builder.Configuration["Builds:Enabled"] = "false";
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A form of 64 KB and its headers go out in one turn; with the default they wait for the client to take the first half.
            kestrel.Limits.MaxResponseBufferSize = 128 * 1024;
            kestrel.Limits.MaxRequestBufferSize = MostAhead;
        });
        // What a socket has received is handled where it was received, without two more turns in the queue of the thread pool; nothing here blocks.
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.UnsafePreferInlineScheduling = true;
            sockets.MaxReadBufferSize = MostAhead;
        });
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, TransferBlocks>();
        builder.Services.AddOptions<RegistryOptions>().Bind(builder.Configuration.GetSection("Registry")).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<RegistryOptions>, RegistryOptionsCheck>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.ConfigureHttpJsonOptions(options => Json.Configure(options.SerializerOptions));
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = FrameworkProblems.Name);
        // A query or route value that cannot be read becomes a problem like every other refusal, not an empty 400.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddExceptionHandler<RefusalHandler>();
        builder.Services.AddTelemetry(builder.Configuration);
        builder.Services.AddStorage(builder.Configuration);
        builder.Services.AddSingleton<SchemaUpdate>();
        builder.Services.AddSingleton<SnapshotFeed>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<SnapshotFeed>());
        builder.Services.AddSingleton<ComponentChanges>();
        builder.Services.AddSingleton<ChannelMoves>();
        builder.Services.AddSingleton<ChannelHistory>();
        builder.Services.AddSingleton<PurgedBytes>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<PurgedBytes>());
        builder.Services.AddSingleton<AttachedRest>();
        builder.Services.AddSingleton<VersionPurge>();
        builder.Services.AddSingleton<Withdrawal>();
        builder.Services.AddSingleton<VersionExpiry>();
        builder.Services.AddHostedService<ExpirySchedule>();
        builder.Services.AddSingleton<RegistryUrls>();
        builder.Services.AddSingleton<Notices>();
        builder.Services.AddReadCache(builder.Configuration);
        builder.Services.AddPieces();
        builder.Services.AddElyraCatalog();
        builder.Services.AddSingleton<DeprecationTimes>();
        builder.Services.AddSingleton<VersionNotice>();
        builder.Services.AddSingleton<UnreadyForms>();
        builder.Services.AddSingleton<ShownReads>();
        builder.Services.AddSingleton<ComponentSerials>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<ComponentSerials>());
        builder.Services.AddMlx();
        builder.Services.AddSingleton<LineEnds>();
        builder.Services.AddAccess(builder.Configuration);
        builder.Services.AddPublish(builder.Configuration);
        if (role == Role.Serve)
            builder.Services.AddHostedService<SeedLibrary>();
        builder.Services.AddBuilds(builder.Configuration);
        builder.Services.AddImages(builder.Configuration);
        builder.Services.AddEvidence(builder.Configuration);
        builder.Services.AddKfpServers(builder.Configuration);
        builder.Services.AddSingleton<ExportPaths>();
        builder.Services.AddSingleton<StaticCopy>();
        builder.Services.AddReads();
        builder.Services.AddSearch(follows: role != Role.Build);
        builder.Services.AddWebhooks(builder.Configuration, delivers: role != Role.Build);
        builder.Services.AddSingleton<NamespaceWheels>();
        builder.Services.AddSingleton<WheelMaking>();
        builder.Services.AddSingleton<WheelCollection>();
        builder.Services.AddSingleton<ConnectorWheel>();
        builder.Services.AddMirrors(builder.Configuration);
        builder.Services.AddSingleton<GarbageCollection>();
        builder.Services.AddHostedService<CollectionSchedule>();
        builder.Services.AddOpenApiDocument();
        builder.Services.AddPages();
        adjust?.Invoke(builder);

        var app = builder.Build();
        // The model takes a quarter of a second to build; routes are mapped meanwhile. A fault comes again where the database is used.
        _ = Task.Run(() => app.Services.GetRequiredService<IDbContextFactory<RegistryContext>>().CreateDbContext().Model);
        app.UseSecurityHeaders();
        app.UseTrustedProxies();
        app.UseArtifactoryKey();
        app.UseReadLimit();
        app.UseCrossOrigin();
        app.UseManifestCache();
        app.UseReadCache();
        app.UseForeignPageHeaders();
        app.UseExceptionHandler();
        // Refusals of the framework itself (an unknown path, a method that is not there) get a problem body too.
        app.UseStatusCodePages();
        app.UseEdgeText();
        app.UseReadiness();
        // Named here, or the framework puts it before everything, the kept answers included.
        app.UseRouting();
        app.UseCallers();
        app.UseLimits();
        app.MapHealth();
        app.MapTelemetry();
        app.MapImages();
        if (role == Role.Build)
            return app;
        app.MapPublish();
        app.MapPresentation();
        app.MapVersions();
        app.MapChannels();
        app.MapNamespaces();
        app.MapMembers();
        app.MapRetention();
        app.MapAccess();
        app.MapSearch();
        app.MapComponents();
        app.MapReads();
        app.MapImageBrowsing();
        app.MapBuilds();
        app.MapBuilders();
        app.MapRebuild();
        app.MapEvents();
        app.MapRecords();
        app.MapEvidence();
        app.MapWebhooks();
        app.MapOpenApiDocument();
        app.MapElyra();
        app.MapAirflow();
        app.MapKfp();
        app.MapMlx();
        app.MapArtifactory();
        app.MapComponentStore();
        app.MapDeploy();
        app.MapPages();
        return app;
    }

    /// <summary>
    /// Takes the data folder and brings the schema up to date; then <see cref="Readiness"/> can load and the service may listen. On a database
    /// server the word <c>migrate</c> sees to the schema. Null: another process has the folder.
    /// </summary>
    public static async Task<DataLock?> TakeDataAsync(WebApplication app, CancellationToken cancellation)
    {
        var services = app.Services;
        // Before the host starts, whose own check would bury the sentence under a stack trace.
        services.GetService<IStartupValidator>()?.Validate();
        services.GetRequiredService<KeyFiles>().CheckShared();
        await services.GetRequiredService<BlobStoreCheck>().RunAsync(cancellation);
        var held = DataLock.TakeWhereNeeded(services);
        if (held is null)
            return null;
        if (services.GetRequiredService<IOptions<DatabaseOptions>>().Value.IsSqlite)
            await services.GetRequiredService<SchemaUpdate>().ApplyAsync(cancellation);
        return held;
    }

    /// <summary>The same, and loads what readers need before it returns.</summary>
    public static async Task<DataLock?> PrepareAsync(WebApplication app, CancellationToken cancellation)
    {
        var held = await TakeDataAsync(app, cancellation);
        if (held is not null)
            await app.Services.GetRequiredService<Readiness>().TryLoadAsync(cancellation);
        return held;
    }
}
