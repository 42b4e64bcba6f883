using System.Net;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Channels;

/// <summary>What a channel meant at a moment; the registry's clock goes on between changes.</summary>
public sealed class ChannelMomentTests : IAsyncLifetime
{
    private const string Component = "moments/step";
    private readonly ShiftedClock _clock = new();
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(adjust: builder => builder.Services.AddSingleton<TimeProvider>(_clock));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_channel_that_publishers_moved_and_deleted_is_told_for_every_moment()
    {
        var start = await NextAsync();
        await _host.PublishReadyAsync("moments", "step", "1.0.0", "one");
        await _host.PublishReadyAsync("moments", "step", "2.0.0", "two");
        var before = await NextAsync();
        await _host.SetChannelAsync(Component, "stable", "1.0.0");
        var first = await NextAsync();
        await _host.SetChannelAsync(Component, "stable", "2.0.0");
        var second = await NextAsync();
        await _host.DeleteChannelAsync(Component, "stable");
        var gone = await NextAsync();
        await _host.SetChannelAsync(Component, "stable", "1.0.0");
        var again = await NextAsync();
        Assert.Equal(["1.0.0", "2.0.0", "1.0.0"], [(await AtAsync("stable", first))["version"], (await AtAsync("stable", second))["version"], (await AtAsync("stable", again))["version"]]);
        var moment = await AtAsync("stable", first);
        Assert.Equal(("publisher", "ready", Samples.Image), (moment["setBy"], moment["state"], moment["image"]));
        Assert.Equal(first, DateTimeOffset.Parse(moment["at"]!));
        Assert.InRange(DateTimeOffset.Parse(moment["since"]!), before, first);
        foreach (var none in new[] { start, before, gone })
        {
            var missing = await AtAsync("stable", none);
            Assert.Equal((HttpStatusCode.NotFound, "channel-not-found"), (missing.Status, missing["type"]));
            Assert.Contains("it meant something for the first time after that at ", missing["detail"], StringComparison.Ordinal);
        }
        Assert.Contains("nor has it since", (await AtAsync("never", again))["detail"], StringComparison.Ordinal);
        // The same by the other form of a time.
        Assert.Equal("2.0.0", (await _host.ComponentAsync($"{Component}/channels/stable?at={second:yyyy-MM-ddTHH:mm:ss.fffZ}"))["version"]);
        Assert.Equal("2.0.0", (await _host.ComponentAsync($"{Component}/channels/stable?at={Uri.EscapeDataString(second.ToOffset(TimeSpan.FromHours(2)).ToString("yyyy-MM-ddTHH:mm:ss.fffzzz"))}"))["version"]);
    }

    [Fact]
    public async Task Latest_that_the_registry_moves_by_itself_follows_what_was_ready_yanked_purged_and_set()
    {
        await _host.PublishReadyAsync("moments", "step", "1.0.0", "one");
        var one = await NextAsync();
        await _host.PublishReadyAsync("moments", "step", "2.0.0", "two");
        await _host.PublishReadyAsync("moments", "step", "3.0.0-rc.1", "candidate");
        var two = await NextAsync();
        await _host.PatchAsync($"{Component}/versions/2.0.0", """{"yanked": true}""");
        var yanked = await NextAsync();
        await _host.PatchAsync($"{Component}/versions/2.0.0", """{"yanked": false}""");
        var back = await NextAsync();
        await _host.SetChannelAsync(Component, "latest", "1.0.0");
        var held = await NextAsync();
        await _host.DeleteChannelAsync(Component, "latest");
        var given = await NextAsync();
        await _host.Admin.JsonAsync(HttpMethod.Post, $"/api/v1/components/{Component}/versions/2.0.0/purge", new { reason = "test" });
        var purged = await NextAsync();
        var told = new List<string>();
        foreach (var at in new[] { one, two, yanked, back, held, given, purged })
        {
            var moment = await AtAsync("latest", at);
            told.Add($"{moment["version"]} {moment["setBy"]}");
        }
        Assert.Equal(["1.0.0 registry", "2.0.0 registry", "1.0.0 registry", "2.0.0 registry", "1.0.0 publisher", "2.0.0 registry", "1.0.0 registry"], told);
        Assert.Equal(("purged", null), ((await AtAsync("latest", two))["state"], (await AtAsync("latest", two))["image"]));
        Assert.Equal((await _host.ComponentAsync($"{Component}/channels/latest"))["version"], (await AtAsync("latest", purged))["version"]);
    }

    [Fact]
    public async Task Latest_passes_over_what_was_published_with_an_end()
    {
        await _host.PublishReadyAsync("moments", "step", "1.0.0", "one");
        await _host.Services.GetRequiredService<RegistryDatabase>().ChangeAsync(change =>
        {
            foreach (var (version, end) in new[] { ("2.0.0", (long?)null), ("3.0.0", change.Now + 3_600_000) })
            {
                change.Tell("version.published", Component, new { version, expiresAt = end });
                change.Tell("version.ready", Component, new { version });
            }
            return Task.CompletedTask;
        }, CancellationToken.None);
        Assert.Equal("2.0.0", (await AtAsync("latest", await NextAsync()))["version"]);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2026-01-01")]
    [InlineData("2026-01-01T12:00:00")]
    [InlineData("9999999999999999")]
    [InlineData("4102444800000")]
    public async Task A_time_that_is_none_or_has_not_come_yet_is_refused(string at)
    {
        await _host.PublishReadyAsync("moments", "step", "1.0.0", "one");
        var answer = await _host.ComponentAsync($"{Component}/channels/latest?at={at}");
        Assert.Equal((HttpStatusCode.BadRequest, "bad-query"), (answer.Status, answer["type"]));
    }

    /// <summary>A moment after all that was done, and before all that will be.</summary>
    private async Task<DateTimeOffset> NextAsync()
    {
        await _clock.PassAsync(TimeSpan.FromMinutes(1), _host);
        var moment = DateTimeOffset.FromUnixTimeMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds());
        await _clock.PassAsync(TimeSpan.FromMinutes(1), _host);
        return moment;
    }

    private Task<Answer> AtAsync(string channel, DateTimeOffset at) => _host.ComponentAsync($"{Component}/channels/{channel}?at={at.ToUnixTimeMilliseconds()}");
}
