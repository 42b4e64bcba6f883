using System.Diagnostics;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Engine;

/// <summary>An engine that is not there, goes away in the middle, stands still or half hangs up.</summary>
public sealed class EngineFaultTests(FaultsSetup setup)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Builds_wait_for_an_absent_engine_saying_why_and_are_built_when_it_comes()
    {
        await using var line = EngineBehindProxy.Make(await setup.EngineAsync());
        line.Engine.Switch(ProxyMode.Refuse);
        await line.Registry.StartAsync();
        var published = await line.Registry.Admin.PublishAsync(new Attempt("absent", "1.0.0", "absent", Source.Dockerfile));
        var waits = await line.Registry.UntilAsync(published.Path, version => version["build.reason"]?.Contains("engine.sock", StringComparison.Ordinal) == true, _limit);
        Assert.Equal("queued", waits["state"]);

        var began = Stopwatch.GetTimestamp();
        line.Engine.Switch(ProxyMode.Forward);
        var ready = await EndedAsync(line.Registry, published);
        Assert.Equal("ready", ready["state"]);
        Assert.Equal(1, await AttemptsAsync(line.Registry, ready));
        await HoldAsync(line.Registry, "engine absent", published, began);
    }

    [Theory]
    [InlineData("dies", "/build?")]
    [InlineData("dies", "/push?")]
    [InlineData("hangs up halfway", "/build?")]
    [InlineData("hangs up halfway", "/push?")]
    public async Task A_build_whose_engine_goes_away_is_counted_and_succeeds_when_it_is_back(string how, string phase)
    {
        await using var line = EngineBehindProxy.Make(await setup.EngineAsync());
        await line.Registry.StartAsync();
        var seen = line.Engine.UntilSentAsync(phase, _limit);
        var published = await line.Registry.Admin.PublishAsync(new Attempt("dies", "1.0.0", $"{how}-{phase}", Source.Dockerfile));
        await seen;
        if (how == "dies")
            line.Engine.Vanish();
        else
            line.Engine.HalfCloseServers();
        var queued = await line.Registry.UntilAsync(published.Path, version => version["state"] == "queued" && version["build.reason"] is not (null or "null"), _limit);
        Assert.Contains("engine", queued["build.reason"], StringComparison.OrdinalIgnoreCase);

        var began = Stopwatch.GetTimestamp();
        line.Engine.Switch(ProxyMode.Forward);
        var ready = await EndedAsync(line.Registry, published);
        Assert.Equal("ready", ready["state"]);
        Assert.Equal(2, await AttemptsAsync(line.Registry, ready));
        await HoldAsync(line.Registry, $"engine {how}", published, began);
    }

    [Fact]
    public async Task A_push_that_is_cut_between_engine_and_registry_ends_in_a_whole_image()
    {
        await using var line = EngineBehindProxy.Make(await setup.EngineAsync());
        await line.Registry.StartAsync();
        var seen = line.Pushes.UntilSentAsync("PATCH /v2/acme/", _limit);
        var published = await line.Registry.Admin.PublishAsync(new Attempt("cut", "1.0.0", "cut", Source.Dockerfile));
        await seen;
        line.Pushes.Cut();
        var began = Stopwatch.GetTimestamp();
        Assert.Equal("ready", (await EndedAsync(line.Registry, published))["state"]);
        await HoldAsync(line.Registry, "push cut", published, began);
    }

    [Fact]
    public async Task An_engine_that_stands_still_for_ever_costs_the_idle_limit_and_no_slot()
    {
        await using var line = EngineBehindProxy.Make(await setup.EngineAsync(), new Dictionary<string, string> { ["Builds:IdleTimeout"] = "00:00:10", ["Builds:Concurrency"] = "1" });
        await line.Registry.StartAsync();
        var seen = line.Engine.UntilSentAsync("/build?", _limit);
        var published = await line.Registry.Admin.PublishAsync(new Attempt("still", "1.0.0", "still", Source.Dockerfile));
        await seen;
        line.Engine.Switch(ProxyMode.Stall);
        var failed = await EndedAsync(line.Registry, published);
        Assert.Equal("failed", failed["state"]);
        Assert.Contains("silent for 10 seconds", failed["reason"], StringComparison.Ordinal);

        var began = Stopwatch.GetTimestamp();
        line.Engine.Switch(ProxyMode.Forward);
        var next = await line.Registry.Admin.PublishAsync(new Attempt("still", "1.1.0", "goes on", Source.Dockerfile));
        Assert.Equal("ready", (await EndedAsync(line.Registry, next))["state"]);
        await HoldAsync(line.Registry, "engine stalls", next, began, reason => reason.Contains("silent", StringComparison.Ordinal));
    }

    private static Task<Answer> EndedAsync(RegistryProcess registry, Attempt published) =>
        registry.UntilAsync(published.Path, version => version["state"] is "ready" or "failed", _limit);

    private static async Task<int> AttemptsAsync(RegistryProcess registry, Answer version) =>
        int.Parse((await registry.Anonymous.SendAsync(HttpMethod.Get, $"api/v1/builds/{version["build.id"]}"))["attempt"]!);

    private static async Task HoldAsync(RegistryProcess registry, string scenario, Attempt published, long began, Func<string, bool>? isTrueReason = null)
    {
        var recovery = Stopwatch.GetElapsedTime(began);
        var invariants = new Invariants(registry, Store.Sqlite);
        await invariants.CheckAsync([published], isTrueReason);
        Figures.Add(scenario, Store.Sqlite, invariants, recovery);
        Assert.True(invariants.Hold, $"{invariants}\n{registry.Output}");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(registry.DataPath, "contexts")));
    }
}
