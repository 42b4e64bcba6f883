using Claimed.TestKit;

namespace Claimed.EndToEnd;

/// <summary>An engine and a registry that builds with it.</summary>
/// <param name="ImageHost"><c>localhost:port</c>, as it stands in image references.</param>
public sealed record EngineSite(ITestEngine Engine, RegistryHost Host, string ImageHost)
{
    public static async Task<EngineSite> StartAsync(ITestEngine engine)
    {
        var (host, imageHost) = await StartHostAsync(engine, new Dictionary<string, string>());
        return new EngineSite(engine, host, imageHost);
    }

    /// <summary>Another registry on the same engine.</summary>
    public async Task<RegistryHost> StartAsync(params (string Name, string Value)[] settings) =>
        (await StartHostAsync(Engine, settings.ToDictionary(setting => setting.Name, setting => setting.Value))).Host;

    internal static async Task<(RegistryHost Host, string ImageHost)> StartHostAsync(ITestEngine engine, IReadOnlyDictionary<string, string> settings, int? known = null)
    {
        // Renditions name the public address, so it must be known before the service listens.
        var port = known ?? FreePorts.Next();
        var all = new Dictionary<string, string>(engine.Settings) { ["Registry:PublicUrl"] = $"http://localhost:{port}" };
        foreach (var (name, value) in settings)
            all[name] = value;
        return (await RegistryHost.StartAsync(all, port: port), $"localhost:{port}");
    }
}
