using Claimed.Registry.Export;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary><c>export</c>: writes what everyone may read as files, for a web server that knows nothing of the registry. It may run beside one that serves.</summary>
public static class Exporting
{
    public static Word Word { get; } = new("export", "write every public URL that ends in a file name as a file (into a folder), with a configuration for nginx", RunAsync) { TakesArgument = true };

    private static async Task<int> RunAsync(WordCall call)
    {
        if (call.Argument is not { Length: > 0 } folder)
            throw new OptionsValidationException("Export", typeof(RegistryOptions), ["Name the folder: export public"]);
        folder = Path.GetFullPath(folder);
        using var target = ExportFolder.TryTake(folder, out var wrong) ?? throw new OptionsValidationException("Export", typeof(RegistryOptions), [wrong]);
        await using var app = Build(call);
        if (!await OneTime.HasSchemaAsync(app))
            return 1;
        if (await app.Services.GetRequiredService<Readiness>().TryLoadAsync(CancellationToken.None) is { } obstacle)
        {
            await Console.Error.WriteLineAsync($"Nothing was exported: {obstacle}");
            return 1;
        }
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()), Timeout = Timeout.InfiniteTimeSpan };
        var done = await app.Services.GetRequiredService<StaticCopy>().WriteAsync(client, app.Services.GetRequiredService<SnapshotFeed>().Current, target, CancellationToken.None);
        await app.StopAsync();
        Console.WriteLine($"{done.Files} files in {Path.Combine(folder, StaticCopy.FilesFolder)}: {done.Written} written, {done.Removed} removed. {Path.Combine(folder, StaticCopy.ConfigurationFile)} serves them with nginx.");
        foreach (var (path, reason) in done.Failed)
            await Console.Error.WriteLineAsync($"Not exported: {path}: {reason}");
        if (done.Failed.Count > 0)
            await Console.Error.WriteLineAsync("What an earlier export wrote of these paths is still there; a run after they are mended brings them.");
        return done.Failed.Count == 0 ? 0 : 1;
    }

    /// <summary>The registry as it serves, at an address of this machine alone, and with nothing that works in the background.</summary>
    private static WebApplication Build(WordCall call) => RegistryApp.Build([.. call.Settings, "--Logging:LogLevel:Default=Warning", "--urls=http://127.0.0.1:0", "--Limits:Reads=0"], builder =>
    {
        builder.Services.RemoveAll<IHostedService>();
        // Catalogs say the serial of what is in them.
        builder.Services.AddHostedService(provider => provider.GetRequiredService<ComponentSerials>());
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }, Role.Web);
}
