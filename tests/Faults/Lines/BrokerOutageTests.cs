using System.Diagnostics;
using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Lines;

/// <summary>The broker only wakes builders: without it everything is done, only a little later.</summary>
public sealed class BrokerOutageTests(FaultsSetup setup)
{
    /// <summary>Less than any wait for a broker would take; a busy machine needs some of it.</summary>
    private static readonly TimeSpan _mostDelay = TimeSpan.FromSeconds(8);

    /// <summary>How long a publish takes here when nothing is wrong with the broker.</summary>
    private TimeSpan _usual;

    [Fact]
    public async Task A_broker_that_is_down_cut_or_frozen_delays_no_publish_and_no_readiness_and_comes_back()
    {
        await using var proxy = TcpProxy.To((await setup.BrokerAsync()).Port);
        var store = await setup.StoreAsync("PostgreSQL");
        await using var line = EngineBehindProxy.Make(await setup.EngineAsync(), new Dictionary<string, string>(store.Settings())
        {
            ["Bus:Transport"] = "RabbitMq",
            ["Bus:Uri"] = $"amqp://guest:guest@127.0.0.1:{proxy.Port}/",
            ["Builds:LookInterval"] = "00:00:02",
        });
        var registry = line.Registry;
        await store.PrepareAsync();
        await registry.StartAsync();
        var began = Stopwatch.GetTimestamp();
        var published = new List<Attempt> { await registry.Admin.PublishAsync(new Attempt("usual", "1.0.0", "usual", Source.Dockerfile)) };
        _usual = Stopwatch.GetElapsedTime(began);

        // Down already when the program starts, and then in each other way.
        await registry.StopAsync();
        proxy.Switch(ProxyMode.Refuse);
        await registry.StartAsync();
        published.Add(await PublishQuicklyAsync(registry, "down"));
        await DegradedAsync(registry, isDegraded: true);

        proxy.Switch(ProxyMode.Forward);
        var back = Stopwatch.GetTimestamp();
        await DegradedAsync(registry, isDegraded: false);
        var recovery = Stopwatch.GetElapsedTime(back);
        published.Add(await PublishQuicklyAsync(registry, "back"));

        proxy.Switch(ProxyMode.Stall);
        published.Add(await PublishQuicklyAsync(registry, "frozen"));
        proxy.Switch(ProxyMode.Forward);
        proxy.Vanish();
        published.Add(await PublishQuicklyAsync(registry, "cut"));
        await DegradedAsync(registry, isDegraded: true);
        proxy.Switch(ProxyMode.Forward);
        await DegradedAsync(registry, isDegraded: false);

        var invariants = new Invariants(registry, store);
        await invariants.SettleAsync(Patience.Limit);
        await invariants.CheckAsync(published);
        await invariants.CheckEngineAsync(line.Server);
        Figures.Add("broker down, frozen, cut", store, invariants, recovery);
        Assert.True(invariants.Hold, $"{invariants}\n{registry.Output}");
    }

    /// <summary>The publish is as quick as ever, and its build is found without a call.</summary>
    private async Task<Attempt> PublishQuicklyAsync(RegistryProcess registry, string name)
    {
        var began = Stopwatch.GetTimestamp();
        var published = await registry.Admin.PublishAsync(new Attempt(name, "1.0.0", name, Source.Dockerfile));
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, _usual + _mostDelay);
        Assert.Equal("ready", (await registry.UntilAsync(published.Path, version => version["state"] is "ready" or "failed", Patience.Limit))["state"]);
        return published;
    }

    private static async Task DegradedAsync(RegistryProcess registry, bool isDegraded)
    {
        var answer = await registry.UntilAsync("/health/ready", ready => ready["degraded"]?.Contains("broker", StringComparison.Ordinal) == isDegraded, Patience.Limit);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }
}
