using System.Net;
using Claimed.Registry.Builds;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

/// <summary>The transaction that ends a build is held in its middle while somebody changes the same component.</summary>
public sealed class FinishMeetingTests : IAsyncLifetime
{
    private const string Component = "meet/step";
    private readonly PretendEngine _engine = new(1);
    private readonly CommandPause _pause = new();
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Builds:Enabled"] = "true" },
        adjust: builder =>
        {
            builder.Services.AddSingleton<IImageBuilder>(_engine);
            _pause.Adjust(builder);
        });

    public async ValueTask DisposeAsync()
    {
        _pause.Release();
        await _host.DisposeAsync();
        _engine.Dispose();
    }

    [Fact]
    public async Task A_yank_of_what_latest_means_and_a_finish_leave_latest_at_what_is_ready()
    {
        var upper = await BuildAsync("2.0.0");
        Assert.Equal(upper["imageDigest"], await TagAsync("latest"));
        // Which version is the highest was just asked; the answer counts for the tag that is set next.
        var finishing = await BeginAsync("1.0.0", "SELECT", "versions", "@highest");
        var yank = await MeetAsync(_host.PatchAsync($"{Component}/versions/2.0.0", """{"yanked": true}"""));
        Assert.Equal(HttpStatusCode.OK, yank.Status);
        var lower = await ReadyAsync(finishing);
        Assert.Equal("1.0.0", (await _host.ComponentAsync(Component))["channels.latest"]);
        Assert.Equal((lower["imageDigest"], lower["imageDigest"]), (await TagAsync("latest"), await TagAsync("1.0.0")));
        await AssertSerialsAsync();
    }

    [Fact]
    public async Task A_yank_of_the_version_that_becomes_ready_waits_for_it_or_is_refused()
    {
        var finishing = await BeginAsync("1.0.0", "INSERT INTO", "renditions");
        var yank = await MeetAsync(_host.PatchAsync($"{Component}/versions/1.0.0", """{"yanked": true}"""));
        var version = await ReadyAsync(finishing);
        var isYanked = yank.Status == HttpStatusCode.OK;
        Assert.True(isYanked || (yank.Status, yank["type"]) == (HttpStatusCode.Conflict, "version-not-ready"), yank.Text);
        Assert.Equal(isYanked ? "true" : "false", version["yanked"]);
        Assert.Equal(isYanked ? null : version["imageDigest"], await TagAsync("latest"));
        Assert.Equal(version["imageDigest"], await TagAsync("1.0.0"));
        await AssertSerialsAsync();
    }

    [Fact]
    public async Task A_channel_that_is_asked_for_while_the_version_becomes_ready_gets_it()
    {
        var finishing = await BeginAsync("1.0.0", "INSERT INTO", "renditions");
        var again = await MeetAsync(_host.PublishAsync("meet", "step", "1.0.0", new Multipart().Source("step.py", Samples.Script("1.0.0")).Field("channel", "stable")));
        Assert.Equal(HttpStatusCode.OK, again.Status);
        var version = await ReadyAsync(finishing);
        var channels = await _host.ComponentAsync(Component);
        Assert.Equal(("1.0.0", "1.0.0"), (channels["channels.stable"], channels["channels.latest"]));
        Assert.Equal((version["imageDigest"], version["imageDigest"]), (await TagAsync("stable"), await TagAsync("latest")));
        await AssertSerialsAsync();
    }

    /// <summary>Many at once without anybody holding them: whoever is first, what is there afterwards is of one piece.</summary>
    [Fact]
    public async Task Of_finishes_yanks_and_channels_at_once_one_clear_outcome_is_left()
    {
        const int components = 8;
        using var engine = new PretendEngine(components);
        await using var host = await RegistryHost.StartAsync(
            new Dictionary<string, string> { ["Builds:Enabled"] = "true", ["Builds:Concurrency"] = $"{components}" },
            adjust: builder => builder.Services.AddSingleton<IImageBuilder>(engine));
        for (var number = 0; number < components; number++)
            await host.PublishAsync("storm", $"c{number}", "1.0.0", ("step.py", Samples.Script($"w{number}")));
        await engine.AllPushed;
        var answers = await Race.RunAsync(components * 3, number => (number / components) switch
        {
            0 => host.PublishAsync("storm", $"c{number % components}", "1.0.0", new Multipart().Source("step.py", Samples.Script($"w{number % components}")).Field("channel", "stable")),
            1 => host.PatchAsync($"storm/c{number % components}/versions/1.0.0", """{"yanked": true}"""),
            _ => host.PublishAsync("storm", $"c{number % components}", "2.0.0", ("component.yaml", Samples.ExistingImage($"w{number}"))),
        });
        for (var number = 0; number < components; number++)
        {
            var version = await host.UntilAsync($"/api/v1/components/storm/c{number}/versions/1.0.0", answer => answer["state"] is "ready" or "failed");
            Assert.Equal("ready", version["state"]);
            var (channel, yank) = (answers[number], answers[components + number]);
            Assert.Equal(yank.Status == HttpStatusCode.OK ? "true" : "false", version["yanked"]);
            var channels = await host.ComponentAsync($"storm/c{number}");
            // A yank that came before it keeps the channel away, and says so.
            Assert.Equal(channel.Status == HttpStatusCode.OK ? "1.0.0" : null, channels["channels.stable"]);
            Assert.True(channel.Status == HttpStatusCode.OK || channel["type"] == "version-yanked", channel.Text);
            Assert.Equal("2.0.0", channels["channels.latest"]);
        }
        var serials = (await host.EventsAsync()).Select(entry => entry.GetProperty("serial").GetInt64()).ToList();
        Assert.Equal(Enumerable.Range(1, serials.Count).Select(serial => (long)serial), serials);
    }

    private async Task<Answer> BuildAsync(string version)
    {
        await PublishAsync(version);
        return await ReadyAsync(version);
    }

    /// <summary>Publishes a version and returns when the transaction that makes it ready is held before this statement.</summary>
    private async Task<string> BeginAsync(string version, params string[] statement)
    {
        _pause.Arm(statement);
        await PublishAsync(version);
        await _pause.Reached;
        return version;
    }

    private Task<Answer> PublishAsync(string version) => _host.PublishAsync("meet", "step", version, ("step.py", Samples.Script(version)));

    private Task<Answer> ReadyAsync(string version) => _host.UntilAsync($"/api/v1/components/{Component}/versions/{version}", answer => answer["state"] == "ready");

    /// <summary>Lets the finish go on once the other one is through or waits for it.</summary>
    private async Task<Answer> MeetAsync(Task<Answer> other)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        // On SQLite nobody can see who waits at the gate; there either order is right.
        while (TestDatabase.IsPostgres && !other.IsCompleted
            && (await TestDatabase.QueryAsync(_host.DataPath, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).Count == 0)
            await Task.Delay(10, limit.Token);
        _pause.Release();
        return await other;
    }

    private async Task<string?> TagAsync(string tag)
    {
        var answer = await _host.Anonymous.SendAsync(HttpMethod.Head, $"/v2/{Component}/manifests/{tag}");
        return answer.Status == HttpStatusCode.OK ? answer.Message.Headers.GetValues("Docker-Content-Digest").Single() : null;
    }

    private async Task AssertSerialsAsync()
    {
        var serials = (await _host.EventsAsync()).Select(entry => entry.GetProperty("serial").GetInt64()).ToList();
        Assert.Equal(Enumerable.Range(1, serials.Count).Select(serial => (long)serial), serials);
    }
}
