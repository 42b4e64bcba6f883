using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Channels;

public sealed class ChannelTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task A_channel_is_made_moved_and_deleted()
    {
        await ReadyAsync("made", "1.0.0", "1.1.0");
        var made = await _host.SetChannelAsync("chan/made", "stable", "1.0.0");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("http://localhost:8080/api/v1/components/chan/made/channels/stable", made.Message.Headers.Location!.ToString());
        Assert.Equal(["stable", "1.0.0", "1", "publisher"], [made["channel"], made["version"], made["revision"], made["setBy"]]);
        var moved = await _host.SetChannelAsync("chan/made", "stable", "1.1");
        Assert.Equal((HttpStatusCode.OK, "1.1.0", "2"), (moved.Status, moved["version"], moved["revision"]));
        Assert.Equal(moved.ETag, (await _host.ComponentAsync("chan/made/channels/stable")).ETag);
        Assert.Equal("1.1.0", (await _host.ComponentAsync("chan/made/versions/stable"))["version"]);
        Assert.Equal(HttpStatusCode.NoContent, (await _host.DeleteChannelAsync("chan/made", "stable")).Status);
        Assert.Equal("channel-not-found", (await _host.ComponentAsync("chan/made/channels/stable"))["type"]);
        Assert.Equal("channel-not-found", (await _host.DeleteChannelAsync("chan/made", "stable"))["type"]);
        Assert.Equal(["channel.moved", "channel.moved", "channel.deleted"], (await _host.EventKindsAsync("chan/made")).TakeLast(3));
    }

    [Fact]
    public async Task The_same_target_again_changes_nothing()
    {
        await ReadyAsync("same", "1.0.0");
        var first = await _host.SetChannelAsync("chan/same", "stable", "1.0.0");
        var events = await _host.EventKindsAsync("chan/same");
        var again = await _host.SetChannelAsync("chan/same", "stable", "1.0.0");
        Assert.Equal((HttpStatusCode.OK, first.Text, first.ETag), (again.Status, again.Text, again.ETag));
        Assert.Equal(events, await _host.EventKindsAsync("chan/same"));
    }

    [Fact]
    public async Task Latest_stays_where_a_publisher_sets_it_until_it_is_given_back()
    {
        await ReadyAsync("last", "1.0.0", "1.1.0");
        Assert.Equal(["1.1.0", "registry"], await LatestAsync());
        Assert.Equal(HttpStatusCode.OK, (await _host.SetChannelAsync("chan/last", "latest", "1.0.0")).Status);
        await _host.PublishReadyAsync("chan", "last", "1.2.0", "1.2.0");
        Assert.Equal(["1.0.0", "publisher"], await LatestAsync());
        Assert.Equal("1.0.0", (await _host.ComponentAsync("chan/last"))["version"]);
        Assert.Equal(HttpStatusCode.NoContent, (await _host.DeleteChannelAsync("chan/last", "latest")).Status);
        Assert.Equal(["1.2.0", "registry"], await LatestAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await _host.DeleteChannelAsync("chan/last", "latest")).Status);

        async Task<string?[]> LatestAsync()
        {
            var channel = await _host.ComponentAsync("chan/last/channels/latest");
            return [channel["version"], channel["setBy"]];
        }
    }

    [Fact]
    public async Task A_move_with_If_Match_counts_only_if_the_channel_is_as_it_was_read()
    {
        await ReadyAsync("matched", "1.0.0", "1.1.0", "1.2.0");
        var missing = await _host.SetChannelAsync("chan/matched", "stable", "1.0.0", ("If-Match", "*"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, missing.Status);
        var made = await _host.SetChannelAsync("chan/matched", "stable", "1.0.0", ("If-None-Match", "*"));
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var twice = await _host.SetChannelAsync("chan/matched", "stable", "1.1.0", ("If-None-Match", "*"));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "precondition-failed", "1.0.0"), (twice.Status, twice["type"], twice["current"]));
        Assert.Equal(HttpStatusCode.OK, (await _host.SetChannelAsync("chan/matched", "stable", "1.1.0", ("If-Match", made.ETag!))).Status);
        var late = await _host.SetChannelAsync("chan/matched", "stable", "1.2.0", ("If-Match", made.ETag!));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "1.1.0"), (late.Status, late["current"]));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await _host.DeleteChannelAsync("chan/matched", "stable", ("If-Match", made.ETag!))).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _host.DeleteChannelAsync("chan/matched", "stable", ("If-Match", late["etag"]!))).Status);
    }

    [Fact]
    public async Task Latest_that_moves_by_itself_counts_as_there_for_conditions()
    {
        await ReadyAsync("itself", "1.0.0", "1.1.0");
        Assert.Equal("1.1.0", (await _host.SetChannelAsync("chan/itself", "latest", "1.0.0", ("If-None-Match", "*")))["current"]);
        var read = (await _host.ComponentAsync("chan/itself/channels/latest")).ETag!;
        await _host.PublishReadyAsync("chan", "itself", "1.2.0", "1.2.0");
        Assert.Equal("1.2.0", (await _host.SetChannelAsync("chan/itself", "latest", "1.0.0", ("If-Match", read)))["current"]);
    }

    [Fact]
    public async Task A_channel_names_a_version_that_is_there_and_ready()
    {
        await ReadyAsync("ready", "1.0.0");
        await _host.PublishAsync("chan", "ready", "2.0.0", ("step.py", Samples.Script()));
        var queued = await _host.SetChannelAsync("chan/ready", "stable", "2.0.0");
        Assert.Equal((HttpStatusCode.Conflict, "version-not-ready", "queued"), (queued.Status, queued["type"], queued["state"]));
        Assert.Equal("version-not-found", (await _host.SetChannelAsync("chan/ready", "stable", "3.0.0"))["type"]);
        Assert.Equal("component-not-found", (await _host.SetChannelAsync("chan/nobody", "stable", "3.0.0"))["type"]);
        Assert.Equal("bad-version", (await _host.SetChannelAsync("chan/ready", "stable", "~1"))["type"]);
        Assert.Equal("bad-field", (await _host.SetChannelAsync("chan/ready", "stable", ""))["type"]);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("x.1")]
    [InlineData("1.0")]
    [InlineData("~1")]
    [InlineData("Stable")]
    [InlineData("build-7-1")]
    [InlineData("sta%20ble")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890abcde")]
    public async Task A_name_that_could_be_something_else_is_no_channel(string channel)
    {
        if ((await _host.ComponentAsync("chan/names")).Status == HttpStatusCode.NotFound)
            await ReadyAsync("names", "1.0.0");
        var answer = await _host.SetChannelAsync("chan/names", channel, "1.0.0");
        Assert.Equal((HttpStatusCode.BadRequest, "bad-channel"), (answer.Status, answer["type"]));
    }

    [Fact]
    public async Task Channels_are_listed_by_name_in_pages()
    {
        await ReadyAsync("listed", "1.0.0");
        foreach (var channel in (string[])["stable", "beta", "alpha"])
            await _host.SetChannelAsync("chan/listed", channel, "1.0.0");
        var first = await _host.ComponentAsync("chan/listed/channels?limit=2");
        var second = await _host.ComponentAsync($"chan/listed/channels?limit=2&cursor={first["next"]}");
        Assert.Equal(["alpha", "beta", "latest", "stable"], first.Items.Concat(second.Items).Select(item => item.GetProperty("channel").GetString()));
        Assert.Null(second["next"]);
    }

    private async Task ReadyAsync(string name, params string[] versions)
    {
        foreach (var version in versions)
            await _host.PublishReadyAsync("chan", name, version, version);
    }
}
