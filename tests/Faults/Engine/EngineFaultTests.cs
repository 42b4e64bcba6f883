using System.Diagnostics;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Engine;

/// <summary>An engine that is not there, goes away in the middle, stands still or half hangs up: for one process that serves, and for web and builder apart.</summary>
public sealed class EngineFaultTests(EngineStands stands) : IClassFixture<EngineStands>
{
    /// <summary>An engine that is asked whether it lives says nothing for 80 seconds, which no option shortens.</summary>
    private static readonly TimeSpan _watchLimit = TimeSpan.FromMinutes(3);


    /// <summary>The engines and arrangements of a scenario: with <c>LONG=1</c> all of them.</summary>
    /// <param name="always">Those of every run.</param>
    private static TheoryData<string, string> Cases(params IEnumerable<(string Engine, string Arrangement)> always) => [.. Figures.IsLong
        ? from engine in (string[])["docker", "podman"] from arrangement in (string[])["serve", "roles"] select (engine, arrangement)
        : always];

    public static TheoryData<string, string> Absences => Cases(("docker", "serve"));

    public static TheoryData<string, string> CutPushes => Cases(("docker", "serve"), ("podman", "serve"), ("docker", "roles"));

    public static TheoryData<string, string> FailingSteps => Cases(("docker", "serve"), ("podman", "serve"));

    public static TheoryData<string, string> IdleLimits => Cases(("docker", "serve"));

    public static TheoryData<string, string> Hangs => Cases(("docker", "roles"));

    /// <summary>How an engine goes away, and during which request. Podman ends a push that nobody follows by itself, so half hanging up in it is nothing there.</summary>
    public static TheoryData<string, string, string, string> Departures
    {
        get
        {
            var all = from stand in (TheoryDataRow<string, string>[])[.. Cases(("docker", "serve"), ("podman", "serve"))]
                      from way in ((string How, string Phase)[])[("dies", "/build?"), ("dies", "/push?"), ("hangs up halfway", "/build?"), ("hangs up halfway", "/push?")]
                      where stand.Data.Item1 != "podman" || way != ("hangs up halfway", "/push?")
                      select (stand.Data.Item1, stand.Data.Item2, way.How, way.Phase);
            return [.. all, .. Figures.IsLong ? [] : (IEnumerable<(string, string, string, string)>)[("podman", "roles", "dies", "/push?")]];
        }
    }

    [Theory]
    [MemberData(nameof(Absences))]
    public async Task Builds_wait_for_an_absent_engine_saying_why_and_are_built_when_it_comes(string engine, string arrangement)
    {
        var stand = await stands.OfAsync(engine, arrangement);
        stand.Engine.Vanish();
        var published = await stand.PublishAsync("absent");
        var waits = await stand.UntilAsync(published, version => version["build.reason"]?.Contains("engine.sock", StringComparison.Ordinal) == true);
        Assert.Equal("queued", waits["state"]);

        var began = Stopwatch.GetTimestamp();
        stand.Engine.Switch(ProxyMode.Forward);
        var ready = await stand.EndedAsync(published);
        Assert.Equal("ready", ready["state"]);
        await stand.AttemptsAreAsync(1, ready);
        await stand.HoldAsync("engine absent", published, began);
    }

    [Theory]
    [MemberData(nameof(Departures))]
    public async Task A_build_whose_engine_goes_away_is_counted_and_succeeds_when_it_is_back(string engine, string arrangement, string how, string phase)
    {
        var stand = await stands.OfAsync(engine, arrangement);
        // A push of so little would be over before it is cut; and one that the engine has not begun to answer is asked for once more by itself.
        stand.Pushes.Delay = TimeSpan.FromMilliseconds(100);
        var seen = phase == "/push?" ? stand.Pushes.UntilSentAsync("POST /v2/acme/", Patience.Limit) : stand.Engine.UntilSentAsync(phase, Patience.Limit);
        var published = await stand.PublishAsync($"{how}-{phase.Trim('/', '?')}".Replace(' ', '-'));
        await seen;
        if (how == "dies")
            stand.Engine.Vanish();
        else
            stand.Engine.HalfCloseServers();
        var queued = await stand.UntilAsync(published, version => version["state"] == "queued" && version["build.reason"] is not (null or "null"));
        Assert.Contains("engine", queued["build.reason"], StringComparison.OrdinalIgnoreCase);

        var began = Stopwatch.GetTimestamp();
        stand.Mended();
        var ready = await stand.EndedAsync(published);
        Assert.Equal("ready", ready["state"]);
        await stand.AttemptsAreAsync(2, ready);
        await stand.HoldAsync($"engine {how}", published, began);
    }

    [Theory]
    [MemberData(nameof(CutPushes))]
    public async Task A_push_that_is_cut_between_engine_and_registry_ends_in_a_whole_image(string engine, string arrangement)
    {
        var stand = await stands.OfAsync(engine, arrangement);
        var seen = stand.Pushes.UntilSentAsync("PATCH /v2/acme/", Patience.Limit);
        var published = await stand.PublishAsync("cut");
        await seen;
        stand.Pushes.Cut();
        var began = Stopwatch.GetTimestamp();
        Assert.Equal("ready", (await stand.EndedAsync(published))["state"]);
        await stand.HoldAsync("push cut", published, began);
    }

    [Theory]
    [MemberData(nameof(FailingSteps))]
    public async Task A_step_that_fails_fails_its_version_at_once_and_is_named(string engine, string arrangement)
    {
        var stand = await stands.OfAsync(engine, arrangement);
        var began = Stopwatch.GetTimestamp();
        var published = await stand.PublishAsync("fails", source: Source.FailingStep);
        var failed = await stand.EndedAsync(published);
        Assert.Equal("failed", failed["state"]);
        Assert.Contains("RUN [\"/nothing\"]", failed["reason"], StringComparison.Ordinal);
        await stand.AttemptsAreAsync(1, failed);
        await stand.HoldAsync("step fails", published, began);
    }

    [Theory]
    [MemberData(nameof(IdleLimits))]
    public async Task An_engine_that_stands_still_for_ever_costs_the_idle_limit_and_no_slot(string engine, string arrangement)
    {
        var stand = await stands.OfAsync(engine, arrangement);
        Assert.Equal("ready", (await stand.EndedAsync(await stand.PublishAsync("still")))["state"]);
        await stand.SetIdleLimitAsync(10);
        var seen = stand.Engine.UntilSentAsync("/build?", Patience.Limit);
        var published = await stand.PublishAsync("still", "1.1.0");
        await seen;
        stand.Engine.Switch(ProxyMode.Stall);
        var failed = await stand.EndedAsync(published);
        Assert.Equal("failed", failed["state"]);
        Assert.Contains("silent for 10 seconds", failed["reason"], StringComparison.Ordinal);

        var began = Stopwatch.GetTimestamp();
        stand.Engine.Switch(ProxyMode.Forward);
        await stand.SetIdleLimitAsync(null);
        var next = await stand.PublishAsync("still", "1.2.0");
        Assert.Equal("ready", (await stand.EndedAsync(next))["state"]);
        await stand.HoldAsync("engine stalls, idle limit", next, began);
    }

    [Theory]
    [MemberData(nameof(Hangs))]
    public async Task An_engine_that_accepts_a_build_and_hangs_loses_it_long_before_the_idle_limit(string engine, string arrangement)
    {
        var stand = await stands.OfAsync(engine, arrangement);
        var seen = stand.Engine.UntilSentAsync("/build?", Patience.Limit);
        var published = await stand.PublishAsync("hangs");
        await seen;
        stand.Engine.Switch(ProxyMode.Stall);
        await stand.UntilBuilderSaysAsync("The container engine accepted the build and then did not answer for 80 seconds.", _watchLimit);

        var began = Stopwatch.GetTimestamp();
        stand.Engine.Switch(ProxyMode.Forward);
        var ready = await stand.EndedAsync(published);
        Assert.Equal("ready", ready["state"]);
        await stand.AttemptsAreAsync(2, ready);
        await stand.HoldAsync("engine accepts and hangs", published, began);
    }
}
