using Claimed.TestKit;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Claimed.Registry.Tests.Webhooks;

/// <summary>Nodes on one PostgreSQL: each event is told once; one that dies leaves its webhook to the other, and nothing is lost.</summary>
[Trait("Database", "own")]
public sealed class WebhookNodeTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-hooks-").FullName;
    private PostgresServer _server = null!;
    private WebhookReceiver _receiver = null!;
    private Dictionary<string, string> _settings = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync("fsync=off");
        _receiver = await WebhookReceiver.StartAsync();
        _settings = new Dictionary<string, string>(HookedRegistry.Quick)
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = await _server.CreateDatabaseAsync(),
            ["Webhooks:Timeout"] = "00:00:01",
            ["Webhooks:Lease"] = "00:00:02",
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Two_nodes_tell_each_event_once_and_in_order()
    {
        await using var first = await RegistryHost.StartAsync(_settings, _data);
        await using var second = await RegistryHost.StartAsync(_settings, _data);
        await first.CreateNamespaceAsync("both");
        var id = await first.Admin.HookAsync("both", _receiver.Url);
        await second.UntilAsync("/api/v1/namespaces/both", answer => answer["name"] == "both");
        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => (number % 2 == 0 ? first : second).PublishReadyAsync("both", $"greet-{number}", "1.0.0")));
        await _receiver.UntilAsync(80);
        await first.Admin.UntilHookAsync("both", id, hook => hook["after"] is { } after && long.Parse(after) >= _receiver.All[^1].Serial);
        Assert.Equal(80, _receiver.All.Count);
        var serials = _receiver.All.Select(one => one.Serial).ToList();
        Assert.Equal(serials.Distinct().Order(), serials);
    }

    [Fact]
    public async Task A_node_that_is_killed_while_it_delivers_loses_nothing()
    {
        await using var other = await RegistryHost.StartAsync(new Dictionary<string, string>(_settings) { ["Webhooks:Enabled"] = "false" }, _data);
        await using var node = await RegistryProcess.StartAsync(_settings, _data);
        await other.CreateNamespaceAsync("killed");
        var reached = new TaskCompletionSource();
        _receiver.Answer = async (context, _) =>
        {
            reached.TrySetResult();
            // Of a dead sender nothing comes any more.
            if (context.Request.Headers["X-Claimed-Attempt"] == "1" && _receiver.All.Count == 1)
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        };
        await other.Admin.HookAsync("killed", _receiver.Url);
        await other.PublishReadyAsync("killed", "greet", "1.0.0");
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        node.Kill();
        await using var third = await RegistryHost.StartAsync(_settings, _data);
        var all = await _receiver.UntilAsync(3);
        Assert.Equal(["version.published", "version.published", "version.ready"], all.Select(one => one.Kind));
        Assert.Equal(all[0].Id, all[1].Id);
    }
}
