using System.Diagnostics;
using System.Net;
using Claimed.Database.Builds;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Claimed.Faults.Lines;

/// <summary>The database goes away and comes back: reads go on from memory, writes say when to try again, nothing needs a restart.</summary>
public sealed class DatabaseOutageTests(FaultsSetup setup)
{
    /// <summary>A request that needs the database ends within this, however the database is away.</summary>
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("refuses")]
    [InlineData("stands still")]
    public async Task Without_the_database_reads_go_on_and_writes_say_503_until_it_is_back(string how)
    {
        var store = await setup.StoreAsync("PostgreSQL");
        await using var proxy = TcpProxy.To((await setup.PostgresAsync()).Port);
        await using var registry = new RegistryProcess(store.Settings(through: proxy.Port));
        await store.PrepareAsync();
        await registry.StartAsync();
        var before = await registry.Admin.PublishAsync(new Attempt("kept", "1.0.0", "kept", Source.ExistingImage));

        if (how == "refuses")
            proxy.Vanish();
        else
            proxy.Switch(ProxyMode.Stall);
        var late = new Attempt("late", "1.0.0", "late", Source.ExistingImage);
        for (var round = 0; round < 2; round++)
        {
            var began = Stopwatch.GetTimestamp();
            var refused = await registry.Admin.SendAsync(HttpMethod.Put, late.Path, late.Upload().ToContent());
            Assert.True(refused.Status == HttpStatusCode.ServiceUnavailable, $"{(int)refused.Status} {refused.Text}\n{registry.Output}");
            Assert.Equal("database-unreachable", refused["type"]);
            Assert.NotNull(refused.Message.Headers.RetryAfter);
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, _answerLimit);
            foreach (var path in (string[])["/api/v1/components", before.Path, before.Path + "/component.yaml", "/catalogs/elyra/acme/catalog.json?runtime=kfp", "/health/live"])
                Assert.Equal(HttpStatusCode.OK, (await registry.Anonymous.SendAsync(HttpMethod.Get, path)).Status);
        }
        // Ready, because readers are served; what does not work is named.
        await UntilDegradedAsync(registry, isDegraded: true);

        var back = Stopwatch.GetTimestamp();
        proxy.Switch(ProxyMode.Forward);
        await UntilDegradedAsync(registry, isDegraded: false);
        var after = await registry.Admin.PublishAsync(late);
        var recovery = Stopwatch.GetElapsedTime(back);
        var invariants = new Invariants(registry, store);
        await invariants.CheckAsync([before, after]);
        Figures.Add($"database {how}", store, invariants, recovery);
        Assert.True(invariants.Hold, $"{invariants}\n{registry.Output}");
    }

    [Theory]
    [InlineData("refuses")]
    [InlineData("stands still")]
    public async Task A_start_without_the_database_waits_for_it_and_says_so(string how)
    {
        var store = await setup.StoreAsync("PostgreSQL");
        await using var proxy = TcpProxy.To((await setup.PostgresAsync()).Port);
        await using var registry = new RegistryProcess(store.Settings(through: proxy.Port));
        await store.PrepareAsync();
        if (how == "refuses")
            proxy.Vanish();
        else
            proxy.Switch(ProxyMode.Stall);
        registry.Launch();
        await registry.UntilListensAsync();
        await registry.UntilSaysAsync("Not ready: the database does not answer", Patience.Limit);
        foreach (var (path, type) in ((string, string)[])[("/health/ready", "database-unreachable"), ("/api/v1/components", "starting")])
        {
            var waits = await registry.Anonymous.SendAsync(HttpMethod.Get, path);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, type), (waits.Status, waits["type"]));
        }
        var word = await registry.RunWordAsync("gc");
        Assert.Equal(1, word.ExitCode);
        Assert.StartsWith("The database failed: ", Assert.Single(word.Err.TrimEnd().Split('\n')), StringComparison.Ordinal);

        proxy.Switch(ProxyMode.Forward);
        await registry.UntilReadyAsync();
        await registry.Admin.PublishAsync(new Attempt("first", "1.0.0", "first", Source.ExistingImage));
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }

    private static async Task UntilDegradedAsync(RegistryProcess registry, bool isDegraded)
    {
        var ready = await registry.UntilAsync("/health/ready", answer => answer["degraded"]?.Contains("database:", StringComparison.Ordinal) == isDegraded, Patience.Limit);
        Assert.Equal(HttpStatusCode.OK, ready.Status);
    }

    [Theory]
    [InlineData("/build?")]
    [InlineData("/push?")]
    public async Task A_build_outlives_a_short_absence_of_the_database_and_is_built_once(string phase)
    {
        var store = await setup.StoreAsync("PostgreSQL");
        await using var proxy = TcpProxy.To((await setup.PostgresAsync()).Port);
        await using var line = EngineBehindProxy.Make(await setup.EngineAsync(),
            new Dictionary<string, string>(store.Settings(through: proxy.Port)) { ["Builds:Lease"] = "00:00:30" });
        await store.PrepareAsync();
        await line.Registry.StartAsync();
        var seen = line.Engine.UntilSentAsync(phase, Patience.Limit);
        var published = await line.Registry.Admin.PublishAsync(new Attempt("outlives", "1.0.0", $"outlives {phase}", Source.Dockerfile));
        await seen;
        proxy.Vanish();
        await line.Registry.UntilSaysAsync("could not show that it lives", Patience.Limit);

        var back = Stopwatch.GetTimestamp();
        proxy.Switch(ProxyMode.Forward);
        var invariants = new Invariants(line.Registry, store);
        await invariants.SettleAsync(Patience.Limit);
        var recovery = Stopwatch.GetElapsedTime(back);
        await invariants.CheckAsync([published]);
        await invariants.CheckEngineAsync(line.Server);
        Figures.Add("database away during a build", store, invariants, recovery);
        Assert.True(invariants.Hold, $"{invariants}\n{line.Registry.Output}");
        await using var db = store.Open(line.Registry);
        var build = await db.Builds.SingleAsync();
        Assert.Equal(BuildState.Succeeded, build.State);
        // The engine's push needs the database; what came to it in between may cost an attempt, the image itself does not.
        if (phase == "/build?")
            Assert.Equal(1, build.Attempt);
    }
}
