using System.Net.ServerSentEvents;
using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Logs;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Builds;

public sealed class LogFollowingTests : IAsyncLifetime
{
    private readonly CommandPause _pause = new();
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync(adjust: _pause.Adjust);

    public ValueTask DisposeAsync()
    {
        _pause.Release();
        return _host.DisposeAsync();
    }

    [Fact]
    public async Task A_build_that_ends_while_its_log_is_read_is_followed_without_a_gap_and_without_a_repetition()
    {
        var (lease, log) = await BeginAsync();
        log.Write("one\n");
        await log.FlushAsync(CancellationToken.None);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/builds/{lease.BuildId}/log");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var answer = await _host.Anonymous.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var events = SseParser.Create(await answer.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("one\n", events.Current.Data);

        // The reader has seen the build running and is about to read its rows.
        _pause.Arm("SELECT", "build_log_parts");
        await _pause.Reached;
        await EndAsync(lease, log);
        _pause.Release();
        var rest = new List<string>();
        while (await events.MoveNextAsync())
            rest.Add($"{events.Current.EventType} {events.Current.Data}");
        Assert.Equal(["log two\n", "end failed"], rest);
    }

    [Fact]
    public async Task A_log_that_is_read_while_its_build_ends_is_whole()
    {
        var (lease, log) = await BeginAsync();
        log.Write("one\n");
        await log.FlushAsync(CancellationToken.None);
        _pause.Arm("SELECT", "build_log_parts");
        var reading = _host.GetAsync($"/api/v1/builds/{lease.BuildId}/log");
        await _pause.Reached;
        await EndAsync(lease, log);
        _pause.Release();
        Assert.Equal("one\ntwo\n", (await reading).Text);
    }

    private async Task<(BuildLease Lease, BuildLog Log)> BeginAsync()
    {
        await _host.PublishAsync("acme", "followed", null, ("step.py", Samples.Script()));
        var lease = await _host.Services.GetRequiredService<BuildQueue>().TakeAsync(new BuilderOffer("pretend"), CancellationToken.None);
        return (lease!, new BuildLog(_host.Services.GetRequiredService<RegistryDatabase>(), _host.Services.GetRequiredService<IBlobStore>(), lease!, new SecretTexts(), 1000));
    }

    private async Task EndAsync(BuildLease lease, BuildLog log)
    {
        log.Write("two\n");
        Assert.True(await _host.Services.GetRequiredService<BuildQueue>()
            .FailAsync(lease, "failed", "for the test", await log.StoreAsync(CancellationToken.None), CancellationToken.None));
    }
}
