using System.Diagnostics;
using Claimed.TestKit;
using Xunit;

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
    /// <param name="broker">One for a scenario that stops it; the shared one when null.</param>
    /// <param name="store">The same for the database.</param>
    public static async Task<Fleet> StartAsync(FaultsSetup setup, int builders, RabbitMqServer? broker = null, Store? store = null)
    {
        store ??= await setup.StoreAsync("PostgreSQL");
        broker ??= await setup.BrokerAsync();
        var fleet = new Fleet(setup, store, broker, TcpProxy.To(broker.Port), Directory.CreateTempSubdirectory("claimed-fleet-").FullName);
        await store.PrepareAsync();
        await fleet.Web.StartAsync();
        for (var index = 0; index < builders; index++)
            await (await fleet.AddAsync()).Registry.StartAsync();
        return fleet;
    }

    /// <summary>One builder more, made and not started.</summary>
    /// <param name="engine">Which kind of engine it has.</param>
    public async Task<EngineBehindProxy> AddAsync(IReadOnlyDictionary<string, string>? more = null, string engine = "docker")
    {
        var builder = EngineBehindProxy.Make(await _setup.EngineAsync(engine),
            new Dictionary<string, string>(_settings.Concat(more ?? new Dictionary<string, string>()).GroupBy(pair => pair.Key).Select(group => group.Last())), _folder, "build");
        _builders.Add(builder);
        return builder;
    }

    public string Output => string.Join("\n---\n", _builders.Select(builder => builder.Registry.Output).Prepend(Web.Output));

    /// <summary>Publishes one that is to be built.</summary>
    public async Task<Attempt> PublishAsync(string name, string number = "1.0.0", Source source = Source.Dockerfile)
    {
        var attempt = await Web.Admin.PublishAsync(new Attempt(name, number, $"{name}-{number}", source));
        Assert.True(attempt.IsAcknowledged);
        return attempt;
    }

    public Task<Answer> EndedAsync(Attempt attempt) => Web.UntilAsync(attempt.Path, version => version["state"] is "ready" or "failed", Patience.Limit);

    /// <summary>Waits until everything has ended and checks all of it, the engines of the builders too.</summary>
    /// <param name="published">What is to be kept.</param>
    /// <param name="began">When the fault was over.</param>
    /// <param name="row">The scenario's name in the figures; null adds none.</param>
    public async Task HoldAsync(string? row, IReadOnlyCollection<Attempt> published, long began, Func<string, bool>? isTrueReason = null)
    {
        var invariants = new Invariants(Web, Store);
        await invariants.SettleAsync(Patience.Limit);
        var recovery = Stopwatch.GetElapsedTime(began);
        await invariants.CheckAsync(published, isTrueReason);
        foreach (var engine in _builders.Select(builder => builder.Server).Distinct())
            await invariants.CheckEngineAsync(engine);
        if (row is not null)
            Figures.Add(row, Store, invariants, recovery);
        Assert.True(invariants.Hold, $"{invariants}\n{Output}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var builder in _builders)
            await builder.DisposeAsync();
        await Web.DisposeAsync();
        await ToBroker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
