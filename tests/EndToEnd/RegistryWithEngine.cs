using Claimed.TestKit;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Tests look at what runs on the one engine.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Claimed.EndToEnd.RegistryWithEngine))]

namespace Claimed.EndToEnd;

/// <summary>One registry that builds with a real engine, shared by all tests of this assembly.</summary>
public sealed class RegistryWithEngine : IAsyncLifetime
{
    private RegistryHost? _host;

    public ContainerEngine Engine { get; } = new();

    public RegistryHost Host => _host ?? throw new InvalidOperationException("The registry has not started.");

    /// <summary><c>localhost:port</c>, as it stands in image references.</summary>
    public string ImageHost { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await Engine.InitializeAsync();
        (_host, ImageHost) = await StartAsync(new Dictionary<string, string>());
        (await Engine.DockerAsync("login", "--username", "tester", "--password", RegistryHost.AdminToken, ImageHost)).Succeeded();
    }

    /// <summary>Another registry on the same engine, with settings of its own.</summary>
    /// <param name="known">The port to listen on, where others must know it before.</param>
    public async Task<(RegistryHost Host, string ImageHost)> StartAsync(IReadOnlyDictionary<string, string> settings, int? known = null)
    {
        // Renditions name the public address, so it must be known before the service listens.
        var port = known ?? FreePorts.Next();
        var all = new Dictionary<string, string>(Engine.Settings) { ["Registry:PublicUrl"] = $"http://localhost:{port}" };
        foreach (var (name, value) in settings)
            all[name] = value;
        return (await RegistryHost.StartAsync(all, port: port), $"localhost:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        await Engine.DisposeAsync();
    }
}
