using System.Net.Http.Headers;
using Claimed.Registry;
using Claimed.Registry.Access;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Claimed.TestKit;

/// <summary>A registry on a free loopback port with a data folder of its own: the real service, real Kestrel, the real database of <see cref="TestDatabase"/>.</summary>
public sealed class RegistryHost : IAsyncDisposable
{
    public const string AdminToken = "test-administrator-token";

    /// <summary>A publish with <c>?wait=300</c> answers when its build has ended, which on a busy machine takes longer than a client waits by default.</summary>
    internal static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(6);

    private readonly WebApplication _app;
    private readonly DataLock _held;
    private readonly bool _ownsData;

    private RegistryHost(WebApplication app, DataLock held, string dataPath, bool ownsData)
    {
        _app = app;
        _held = held;
        _ownsData = ownsData;
        DataPath = dataPath;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Address = new Uri(address);
        Anonymous = new HttpClient { BaseAddress = Address };
        Admin = new HttpClient { BaseAddress = Address, Timeout = LongestAnswer };
        Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminToken);
    }

    /// <summary><c>http://127.0.0.1:port/</c>.</summary>
    public Uri Address { get; }

    public string DataPath { get; }

    /// <summary>A client without a token.</summary>
    public HttpClient Anonymous { get; }

    /// <summary>A client with the administrator's token.</summary>
    public HttpClient Admin { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="settings">Settings by their configuration names, such as <c>Builds:Enabled</c>.</param>
    /// <param name="dataPath">A folder to keep, for restart tests; a temporary one when null.</param>
    public static async Task<RegistryHost> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null, string? dataPath = null, Action<WebApplicationBuilder>? adjust = null, int port = 0)
    {
        var data = dataPath ?? Directory.CreateTempSubdirectory("claimed-test-").FullName;
        var all = new Dictionary<string, string>
        {
            ["urls"] = $"http://127.0.0.1:{port}",
            ["Registry:DataPath"] = data,
            ["Registry:AdminToken"] = AdminToken,
            ["Builds:Enabled"] = "false",
            // Other registries of tests listen on loopback.
            ["Images:AllowPrivateHosts"] = "true",
            // Tests write more in a minute than people do.
            ["Limits:Writes"] = "0",
            ["Limits:AnonymousWrites"] = "0",
            ["Limits:UnknownTokens"] = "0",
            ["Limits:SignIns"] = "0",
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (name, value) in await TestDatabase.SettingsAsync(data))
            all[name] = value;
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            all[name] = value;
        var app = RegistryApp.Build([.. all.Select(pair => $"--{pair.Key}={pair.Value}")], adjust);
        app.Services.GetRequiredService<KeyFiles>().MakeMissing();
        var held = await RegistryApp.PrepareAsync(app, CancellationToken.None)
            ?? throw new InvalidOperationException($"Another registry uses {data}.");
        await app.StartAsync();
        return new RegistryHost(app, held, data, dataPath is null);
    }

    /// <summary>An adjustment that leaves out a service of the background, where a test says itself what that would find.</summary>
    public static void Without<TService>(WebApplicationBuilder builder) where TService : IHostedService =>
        builder.Services.Remove(builder.Services.Single(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(TService)));

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        Admin.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _held.Dispose();
        if (!_ownsData)
            return;
        await TestDatabase.DropAsync(DataPath);
        Directory.Delete(DataPath, recursive: true);
    }
}
