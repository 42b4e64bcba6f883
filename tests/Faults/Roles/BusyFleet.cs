using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Roles;

/// <summary>
/// A fleet with a broker and a database of its own, which may be stopped, and publishers who keep it busy. One builder looks at the queue
/// every second, the other one only when it is called.
/// </summary>
public sealed class BusyFleet(FaultsSetup setup) : IAsyncLifetime
{
    private const int Publishers = 2;
    private RabbitMqServer? _broker;
    private PostgresServer? _database;
    private Fleet? _fleet;
    private int _rounds;

    public RabbitMqServer Broker => _broker!;

    public PostgresServer Database => _database!;

    public Fleet Fleet => _fleet!;

    /// <summary>Looks at the queue by itself.</summary>
    public EngineBehindProxy Looking => Fleet.Builders[0];

    /// <summary>Takes builds when it is called, or when it has ended one.</summary>
    public EngineBehindProxy Called => Fleet.Builders[1];

    public async ValueTask InitializeAsync()
    {
        var broker = RabbitMqServer.StartAsync();
        // It keeps what it was told through a stop without warning, so its disk is asked.
        _database = await PostgresServer.StartAsync();
        var store = Store.Postgres(await _database.CreateDatabaseAsync());
        _broker = await broker;
        _fleet = await Fleet.StartAsync(setup, 1, _broker, store);
        await (await _fleet.AddAsync(new Dictionary<string, string> { ["Builds:LookInterval"] = "00:10:00", ["Builds:Concurrency"] = "1" })).Registry.StartAsync();
    }

    /// <summary>Does something while versions are published and built, each publisher's next one when the one before has ended. Returns what was accepted.</summary>
    /// <param name="refused">Told of each publish that is to be sent again.</param>
    public async Task<List<Attempt>> WhilePublishingAsync(Progress refused, Func<Progress, Task> act)
    {
        var (round, accepted, end) = (_rounds++, new Progress(), new CancellationTokenSource());
        var publishers = Enumerable.Range(0, Publishers).Select(index => PublishAsync($"built-{index}", Source.Dockerfile, waits: true))
            .Append(PublishAsync("ready", Source.ExistingImage, waits: false)).ToList();
        try
        {
            await act(accepted);
        }
        finally
        {
            await end.CancelAsync();
        }
        return [.. (await Task.WhenAll(publishers)).SelectMany(made => made)];

        async Task<List<Attempt>> PublishAsync(string name, Source source, bool waits)
        {
            var made = new List<Attempt>();
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
            while (!end.IsCancellationRequested)
            {
                made.Add(await Fleet.Web.Admin.PublishUntilAcceptedAsync(new Attempt(name, $"1.{round}.{made.Count}", $"{name}-{round}-{made.Count}", source), refused));
                accepted.Step();
                if (waits)
                    await Fleet.EndedAsync(made[^1]);
                await timer.WaitForNextTickAsync();
            }
            return made;
        }
    }

    /// <summary>Waits until every node says that the broker is away, or that it is there.</summary>
    public async Task UntilBrokerAsync(bool isAway)
    {
        foreach (var node in Fleet.Builders.Select(builder => builder.Registry).Prepend(Fleet.Web))
            await node.UntilAsync("/health/ready", ready => ready["degraded"]?.Contains("broker", StringComparison.Ordinal) == isAway, Patience.Limit);
    }

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null)
            await _fleet.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }
}
