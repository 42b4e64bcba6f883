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
        var engine = await setup.EngineAsync();
        await using var line = Make(engine);
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
        await HoldAsync(engine, line.Registry, "engine absent", published, began);
    }

    [Theory]
    [InlineData("docker", "dies", "/build?")]
    [InlineData("docker", "dies", "/push?")]
    [InlineData("docker", "hangs up halfway", "/build?")]
    [InlineData("docker", "hangs up halfway", "/push?")]
    [InlineData("podman", "dies", "/build?")]
    [InlineData("podman", "dies", "/push?")]
    [InlineData("podman", "hangs up halfway", "/build?")]
    public async Task A_build_whose_engine_goes_away_is_counted_and_succeeds_when_it_is_back(string name, string how, string phase)
    {
        var engine = await setup.EngineAsync(name);
        await using var line = Make(engine);
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
        await HoldAsync(engine, line.Registry, $"engine {how}", published, began);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_push_that_is_cut_between_engine_and_registry_ends_in_a_whole_image(string name)
    {
        var engine = await setup.EngineAsync(name);
        await using var line = Make(engine);
        await line.Registry.StartAsync();
        var seen = line.Pushes.UntilSentAsync("PATCH /v2/acme/", _limit);
        var published = await line.Registry.Admin.PublishAsync(new Attempt("cut", "1.0.0", "cut", Source.Dockerfile));
        await seen;
        line.Pushes.Cut();
        var began = Stopwatch.GetTimestamp();
        Assert.Equal("ready", (await EndedAsync(line.Registry, published))["state"]);
        await HoldAsync(engine, line.Registry, "push cut", published, began);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_step_that_fails_fails_its_version_at_once_and_is_named(string name)
    {
        var engine = await setup.EngineAsync(name);
        await using var line = Make(engine);
        await line.Registry.StartAsync();
        var began = Stopwatch.GetTimestamp();
        var published = await line.Registry.Admin.PublishAsync(new Attempt("fails", "1.0.0", "fails", Source.FailingStep));
        var failed = await EndedAsync(line.Registry, published);
        Assert.Equal("failed", failed["state"]);
        Assert.Equal(1, await AttemptsAsync(line.Registry, failed));
        await HoldAsync(engine, line.Registry, "step fails", published, began, reason => reason.Contains("RUN [\"/nothing\"]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_engine_that_stands_still_for_ever_costs_the_idle_limit_and_no_slot()
    {
        var engine = await setup.EngineAsync();
        await using var line = Make(engine, ("Builds:IdleTimeout", "00:00:10"), ("Builds:Concurrency", "1"));
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
        await HoldAsync(engine, line.Registry, "engine stalls", next, began, reason => reason.Contains("silent", StringComparison.Ordinal));
    }

    private static EngineBehindProxy Make(ITestEngine engine, params IEnumerable<(string Name, string Value)> settings) =>
        EngineBehindProxy.Make(engine, new Dictionary<string, string>([EngineLeftovers.OftenTidied, .. settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))]));

    private static Task<Answer> EndedAsync(RegistryProcess registry, Attempt published) =>
        registry.UntilAsync(published.Path, version => version["state"] is "ready" or "failed", _limit);

    private static async Task<int> AttemptsAsync(RegistryProcess registry, Answer version) =>
        int.Parse((await registry.Anonymous.SendAsync(HttpMethod.Get, $"api/v1/builds/{version["build.id"]}"))["attempt"]!);

    private static async Task HoldAsync(ITestEngine engine, RegistryProcess registry, string scenario, Attempt published, long began, Func<string, bool>? isTrueReason = null)
    {
        var recovery = Stopwatch.GetElapsedTime(began);
        var invariants = new Invariants(registry, Store.Sqlite);
        await invariants.CheckAsync([published], isTrueReason);
        using var leftovers = new EngineLeftovers(engine, registry);
        invariants.Broken.AddRange((await leftovers.AfterHousekeepingAsync()).Select(left => $"left at the engine: {left}"));
        Figures.Add($"{scenario}, {engine.Name}", Store.Sqlite, invariants, recovery);
        Assert.True(invariants.Hold, $"{invariants}\n{registry.Output}");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(registry.DataPath, "contexts")));
    }
}
