using Claimed.TestKit;

namespace Claimed.Faults.Roles;

/// <summary>A web process and builders of their own, on PostgreSQL, RabbitMQ and one data folder; each of them reaches broker and engine through a proxy.</summary>
public sealed class Fleet : IAsyncDisposable
{
    private readonly List<EngineBehindProxy> _builders = [];
    private readonly FaultsSetup _setup;
    private readonly Dictionary<string, string> _settings;
    private readonly string _folder;

    private Fleet(FaultsSetup setup, Store store, RabbitMqServer broker, TcpProxy toBroker, string folder)
    {
        (_setup, Store, Broker, ToBroker, _folder) = (setup, store, broker, toBroker, folder);
        _settings = new Dictionary<string, string>(store.Settings())
        {
            ["Bus:Transport"] = "RabbitMq",
            ["Bus:Uri"] = $"amqp://guest:guest@127.0.0.1:{toBroker.Port}/",
            ["Builds:LookInterval"] = "00:00:01",
        };
        Web = new RegistryProcess(_settings, folder, null, "web");
        // What the web tells clients of the registry, builders write into forms.
        _settings["Registry:PublicUrl"] = $"http://127.0.0.1:{Web.Port}";
    }

    public RegistryProcess Web { get; }

    public Store Store { get; }

    public RabbitMqServer Broker { get; }

    public TcpProxy ToBroker { get; }

    public IReadOnlyList<EngineBehindProxy> Builders => _builders;

    /// <summary>All are started and ready.</summary>
    public static async Task<Fleet> StartAsync(FaultsSetup setup, int builders)
    {
        var store = await setup.StoreAsync("PostgreSQL");
        var broker = await setup.BrokerAsync();
        var fleet = new Fleet(setup, store, broker, TcpProxy.To(broker.Port), Directory.CreateTempSubdirectory("claimed-fleet-").FullName);
        await store.PrepareAsync(fleet.Web);
        await fleet.Web.StartAsync();
        for (var index = 0; index < builders; index++)
            await (await fleet.AddAsync()).Registry.StartAsync();
        return fleet;
    }

    /// <summary>One builder more, made and not started.</summary>
    public async Task<EngineBehindProxy> AddAsync(IReadOnlyDictionary<string, string>? more = null)
    {
        var builder = EngineBehindProxy.Make(await _setup.EngineAsync(),
            new Dictionary<string, string>(_settings.Concat(more ?? new Dictionary<string, string>()).GroupBy(pair => pair.Key).Select(group => group.Last())), _folder, "build");
        _builders.Add(builder);
        return builder;
    }

    public string Output => string.Join("\n---\n", _builders.Select(builder => builder.Registry.Output).Prepend(Web.Output));

    public async ValueTask DisposeAsync()
    {
        foreach (var builder in _builders)
            await builder.DisposeAsync();
        await Web.DisposeAsync();
        await ToBroker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
