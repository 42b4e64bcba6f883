using Claimed.TestKit;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Two at a time: starting the program is most of the work, and there is one engine.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 2)]
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
[assembly: AssemblyFixture(typeof(Claimed.Faults.FaultsSetup))]

namespace Claimed.Faults;

/// <summary>What the scenarios share: one engine of each kind, one PostgreSQL and one broker, started by the first that needs them, and the figures.</summary>
public sealed class FaultsSetup : IAsyncLifetime
{
    private readonly Lazy<Task<ITestEngine>> _docker = new(() => OwnEngineAsync("docker"));

    private readonly Lazy<Task<ITestEngine>> _podman = new(() => OwnEngineAsync("podman"));

    private readonly Lazy<Task<PostgresServer>> _postgres = new(() => PostgresServer.StartAsync("fsync=off"));

    private readonly Lazy<Task<RabbitMqServer>> _broker = new(RabbitMqServer.StartAsync);

    public Task<RabbitMqServer> BrokerAsync() => _broker.Value;

    /// <summary>The shared one of this name: none of its scenarios may stop it.</summary>
    public Task<ITestEngine> EngineAsync(string name = "docker") => name == "podman" ? _podman.Value : _docker.Value;

    /// <summary>One for a scenario that stops it.</summary>
    public static async Task<ITestEngine> OwnEngineAsync(string name)
    {
        if (name == "podman")
        {
            var podman = new PodmanEngine();
            await podman.StartAsync(hasBaseImages: false);
            return podman;
        }
        var docker = new ContainerEngine { HasBaseImages = false };
        await docker.InitializeAsync();
        return docker;
    }

    public Task<PostgresServer> PostgresAsync() => _postgres.Value;

    /// <summary>A database of its own for one scenario.</summary>
    public async Task<Store> StoreAsync(string name, bool empty = false) =>
        name == Store.Sqlite.Name ? Store.Sqlite : Store.Postgres(await (await _postgres.Value).CreateDatabaseAsync(empty));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Figures.WriteAsync();
        TestContext.Current.SendDiagnosticMessage("{0}", Figures.Table());
        Console.WriteLine(Figures.Table());
        Store.RemoveKeys();
        if (_docker.IsValueCreated)
            await (await _docker.Value).DisposeAsync();
        if (_podman.IsValueCreated)
            await (await _podman.Value).DisposeAsync();
        if (_broker.IsValueCreated)
            await (await _broker.Value).DisposeAsync();
        if (_postgres.IsValueCreated)
            await (await _postgres.Value).DisposeAsync();
    }
}
