using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Search;

/// <summary>Two nodes on one PostgreSQL, behind a line that can be cut.</summary>
[Trait("Database", "own")]
public sealed class SearchNodeTests : IAsyncLifetime
{
    private const int Each = 12;
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-nodes-").FullName;
    private PostgresServer _server = null!;
    private TcpProxy _line = null!;
    private RegistryHost _first = null!;
    private RegistryHost _second = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync("fsync=off");
        _line = TcpProxy.To(_server.Port);
        var connection = await _server.CreateDatabaseAsync();
        Dictionary<string, string> Settings(string connection) => new() { ["Database:Provider"] = "Postgres", ["Database:ConnectionString"] = connection };
        _first = await RegistryHost.StartAsync(Settings(connection), _data);
        _second = await RegistryHost.StartAsync(Settings(connection.Replace($"Port={_server.Port}", $"Port={_line.Port}", StringComparison.Ordinal)), _data);
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await _line.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Who_publishes_at_a_node_finds_it_there_at_once_and_soon_at_the_other()
    {
        async Task PublishAsync(RegistryHost node, string name)
        {
            for (var index = 0; index < Each; index++)
            {
                await node.PublishReadyAsync(name, $"c{index}", "1.0.0", $"{name}{index}word");
                Assert.Single((await node.ComponentAsync($"?q={name}{index}word")).Items);
            }
        }
        await Task.WhenAll(PublishAsync(_first, "one"), PublishAsync(_second, "two"));
        foreach (var node in new[] { _first, _second })
        {
            await node.UntilAsync("/api/v1/components?q=c", answer => answer.Items.Count == 2 * Each);
            await node.UntilAsync("/api/v1/components?q=two11word", answer => answer.Items.Count == 1);
        }
    }

    [Fact]
    public async Task Without_the_database_lists_go_on_and_words_are_refused_until_it_is_back()
    {
        await _first.PublishReadyAsync("acme", "tool", "1.0.0");
        await _second.UntilAsync("/api/v1/components?q=tool", answer => answer.Items.Count == 1);
        _line.Vanish();
        foreach (var path in new[] { "/api/v1/components", "/api/v1/components?facets=true&input=String", "/", "/?tag=csv" })
            Assert.Equal(HttpStatusCode.OK, (await _second.GetAsync(path)).Status);
        var refused = await _second.GetAsync("/api/v1/components?q=other");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "database-unreachable"), (refused.Status, refused["type"]));
        Assert.NotNull(refused.Message.Headers.RetryAfter);
        var page = await _second.GetAsync("/?q=other");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "text/html; charset=utf-8"), (page.Status, page.ContentType));
        _line.Switch(ProxyMode.Forward);
        await _second.UntilAsync("/api/v1/components?q=other", answer => answer.Status == HttpStatusCode.OK);
    }
}
