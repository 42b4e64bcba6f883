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
    private readonly Lazy<Task<EngineSite>> _podman = new(async () =>
    {
        var engine = new PodmanEngine();
        await engine.StartAsync(hasBaseImages: false);
        await BaseImages.ImportBusyboxAsync(engine.Endpoint);
        return await EngineSite.StartAsync(engine);
    });

    public ContainerEngine Engine { get; } = new();

    public RegistryHost Host => _host ?? throw new InvalidOperationException("The registry has not started.");

    /// <summary><c>localhost:port</c>, as it stands in image references.</summary>
    public string ImageHost { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await Engine.InitializeAsync();
        await BaseImages.ImportBusyboxAsync(Engine.Endpoint);
        (_host, ImageHost) = await StartAsync(new Dictionary<string, string>());
        (await Engine.DockerAsync("login", "--username", "tester", "--password", RegistryHost.AdminToken, ImageHost)).Succeeded();
    }

    /// <summary>What tests of both engines need: <c>docker</c> is the shared one, <c>podman</c> is started by the first test that asks.</summary>
    public async Task<EngineSite> OnAsync(string engine) => engine == "podman" ? await _podman.Value : new EngineSite(Engine, Host, ImageHost);

    /// <summary>Another registry on the same engine, with settings of its own.</summary>
    /// <param name="known">The port to listen on, where others must know it before.</param>
    public Task<(RegistryHost Host, string ImageHost)> StartAsync(IReadOnlyDictionary<string, string> settings, int? known = null) => EngineSite.StartHostAsync(Engine, settings, known);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        if (_podman.IsValueCreated)
        {
            var site = await _podman.Value;
            await site.Host.DisposeAsync();
            await site.Engine.DisposeAsync();
        }
        await Engine.DisposeAsync();
    }
}
