using Claimed.Registry.Builds;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary><c>serve</c>, <c>web</c> and <c>build</c>: the words that run until they are stopped.</summary>
public static class Serving
{
    public static Word Serve { get; } = new("serve", "everything in one process: web and builder", call => RunAsync(call, Role.Serve));

    public static Word Web { get; } = new("web", "the web alone; builds are done by processes of the word build", call => RunAsync(call, Role.Web));

    public static Word Build { get; } = new("build", "a builder alone, with /health, /metrics and the image store for its engine", call => RunAsync(call, Role.Build));

    private static async Task<int> RunAsync(WordCall call, Role role)
    {
        try
        {
            await using var app = RegistryApp.Build(call.Settings, role: role);
            if (role != Role.Serve)
                CheckIsShared(app.Services);
            using var held = await RegistryApp.TakeDataAsync(app, CancellationToken.None);
            if (held is null)
            {
                await Console.Error.WriteLineAsync("Another registry uses this data folder. Stop it, or set Registry__DataPath to another folder.");
                return 1;
            }
            // The catalog is read while the rest starts; who asks meanwhile hears that the registry is starting.
            var loading = Task.Run(() => app.Services.GetRequiredService<Readiness>().TryLoadAsync(app.Lifetime.ApplicationStopping));
            try
            {
                await app.StartAsync();
            }
            catch (IOException)
            {
                // What has started ends in order; disposing alone would let each background service report a fault.
                await app.StopAsync();
                throw;
            }
            try
            {
                await loading;
            }
            catch (OperationCanceledException)
            {
                // Stopped before it was ready.
                await app.WaitForShutdownAsync();
                return 0;
            }
            Console.WriteLine(role == Role.Build ? "Claimed.Registry builder" : Greeting.Text(app.Services));
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"{taken.Message} Stop what listens there, or set ASPNETCORE_URLS (and Registry__PublicUrl) to another port.");
            return 3;
        }
    }

    private static void CheckIsShared(IServiceProvider services)
    {
        var database = services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
        var bus = services.GetRequiredService<IOptions<BusOptions>>().Value;
        if (database.IsSqlite || bus.Transport == new BusOptions().Transport)
            throw new OptionsValidationException("Database", typeof(DatabaseOptions),
                ["web and build are processes of their own that meet in servers: set Database__Provider=Postgres and Bus__Transport=RabbitMq, or run serve, which needs neither."]);
    }
}
