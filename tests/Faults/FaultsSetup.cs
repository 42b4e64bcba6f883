using Claimed.TestKit;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Two at a time: starting the program is most of the work, and there is one engine.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 2)]
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
[assembly: AssemblyFixture(typeof(Claimed.Faults.FaultsSetup))]

namespace Claimed.Faults;

/// <summary>What the scenarios share: one container engine, one PostgreSQL and one broker, started by the first that needs them, and the figures.</summary>
public sealed class FaultsSetup : IAsyncLifetime
{
    private readonly Lazy<Task<ContainerEngine>> _engine = new(async () =>
    {
        var engine = new ContainerEngine { HasBaseImages = false };
        await engine.InitializeAsync();
        return engine;
    });

    private readonly Lazy<Task<PostgresServer>> _postgres = new(() => PostgresServer.StartAsync("fsync=off"));

    private readonly Lazy<Task<RabbitMqServer>> _broker = new(RabbitMqServer.StartAsync);

    public Task<RabbitMqServer> BrokerAsync() => _broker.Value;

    public Task<ContainerEngine> EngineAsync() => _engine.Value;

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
        if (_engine.IsValueCreated)
            await (await _engine.Value).DisposeAsync();
        if (_broker.IsValueCreated)
            await (await _broker.Value).DisposeAsync();
        if (_postgres.IsValueCreated)
            await (await _postgres.Value).DisposeAsync();
    }
}
