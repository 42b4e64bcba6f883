using System.Collections.Concurrent;
using System.Diagnostics;
using Claimed.Faults.Roles;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Engine;

/// <summary>A registry that builds with one engine, and everything between the two. The scenarios of a class share it.</summary>
/// <param name="name">The engine's, and how the registry is arranged where it is not one process.</param>
/// <param name="web">Where versions are published.</param>
/// <param name="builder">Whose lines are cut; the same process where one serves.</param>
public sealed class EngineStand(string name, RegistryProcess web, EngineBehindProxy builder, Store store)
{
    /// <summary>What versions of all scenarios may truly have failed of.</summary>
    private static readonly string[] _trueReasons = ["RUN [\"/nothing\"]", "silent for 10 seconds"];

    public TcpProxy Engine => builder.Engine;

    public TcpProxy Pushes => builder.Pushes;

    private string Output => ReferenceEquals(web, builder.Registry) ? web.Output : $"{web.Output}\n---\n{builder.Registry.Output}";

    /// <summary>As it is when nothing is wrong.</summary>
    public EngineStand Mended()
    {
        builder.Mend();
        return this;
    }

    /// <param name="component">Of the scenario alone.</param>
    public async Task<Attempt> PublishAsync(string component, string number = "1.0.0", Source source = Source.Dockerfile)
    {
        var published = await web.Admin.PublishAsync(new Attempt(component, number, $"{component}-{number}", source));
        Assert.True(published.IsAcknowledged);
        return published;
    }

    public Task<Answer> UntilAsync(Attempt published, Func<Answer, bool> isRight) => web.UntilAsync(published.Path, isRight, Patience.Limit);

    public Task<Answer> EndedAsync(Attempt published) => UntilAsync(published, version => version["state"] is "ready" or "failed");

    public Task UntilBuilderSaysAsync(string text, TimeSpan limit) => builder.Registry.UntilSaysAsync(text, limit);

    public async Task AttemptsAreAsync(int expected, Answer version)
    {
        var attempts = (await web.Anonymous.SendAsync(HttpMethod.Get, $"api/v1/builds/{version["build.id"]}"))["attempt"];
        Assert.True(attempts == $"{expected}", $"The build took {attempts} attempts and not {expected}.\n{Output}");
    }

    /// <summary>How long builds may be silent from now on; null for as long as the settings say.</summary>
    public async Task SetIdleLimitAsync(int? seconds)
    {
        var wish = $"{{\"builds\": {{\"idleSeconds\": {seconds?.ToString() ?? "null"}}}}}";
        var answer = await web.Admin.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/acme", Changes.Json(wish));
        Assert.True(answer.Message.IsSuccessStatusCode, answer.Text);
    }

    /// <summary>Checks everything, and that nothing of it is left: at the engine, and of what engines get.</summary>
    /// <param name="began">When the fault was over.</param>
    public async Task HoldAsync(string scenario, Attempt published, long began)
    {
        var recovery = Stopwatch.GetElapsedTime(began);
        var invariants = new Invariants(web, store);
        await invariants.CheckAsync([published], reason => _trueReasons.Any(known => reason.Contains(known, StringComparison.Ordinal)));
        await invariants.CheckEngineAsync(builder.Server);
        Figures.Add($"{scenario}, {name}", store, invariants, recovery);
        Assert.True(invariants.Hold, $"{invariants}\n{Output}");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(web.DataPath, "contexts")));
    }
}

/// <summary>Starts each kind of stand for the first scenario that needs it.</summary>
public sealed class EngineStands(FaultsSetup setup) : IAsyncLifetime
{
    /// <summary>One at a time, so that a slot that is lost is missed by the next build.</summary>
    private static readonly Dictionary<string, string> _settings = new() { ["Builds:Concurrency"] = "1" };

    private readonly ConcurrentDictionary<(string, string), Task<EngineStand>> _stands = new();
    private readonly ConcurrentStack<IAsyncDisposable> _started = new();

    /// <param name="arrangement"><c>serve</c> on SQLite, or <c>roles</c> on PostgreSQL and RabbitMQ.</param>
    public async Task<EngineStand> OfAsync(string engine, string arrangement) =>
        (await _stands.GetOrAdd((engine, arrangement), _ => arrangement == "roles" ? RolesAsync(engine) : ServeAsync(engine))).Mended();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var started in _started)
            await started.DisposeAsync();
    }

    private async Task<EngineStand> ServeAsync(string engine)
    {
        var line = EngineBehindProxy.Make(await setup.EngineAsync(engine), _settings);
        _started.Push(line);
        await line.Registry.StartAsync();
        return new EngineStand(engine, line.Registry, line, Store.Sqlite);
    }

    private async Task<EngineStand> RolesAsync(string engine)
    {
        var fleet = await Fleet.StartAsync(setup, 0);
        _started.Push(fleet);
        var builder = await fleet.AddAsync(_settings, engine);
        await builder.Registry.StartAsync();
        return new EngineStand($"{engine}, web and build", fleet.Web, builder, fleet.Store);
    }
}
