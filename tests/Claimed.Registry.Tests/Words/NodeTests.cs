using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Words;

/// <summary>Nodes of a registry on a database server: they start when the operator likes, and only with keys that all share.</summary>
[Trait("Database", "own")]
public sealed class NodeTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-node-").FullName;
    private PostgresServer _server = null!;
    private RegistryProcess _node = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync("fsync=off");
        _node = new RegistryProcess(new Dictionary<string, string>
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = await _server.CreateDatabaseAsync(empty: true),
        }, _data, words: "serve");
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task A_node_starts_only_with_the_shared_keys_and_becomes_ready_by_itself_when_someone_migrates()
    {
        var refused = await _node.RunWordAsync("serve");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("signing-1.pem", refused.Err, StringComparison.Ordinal);
        Assert.Contains("signing-1.pem, push-ticket.key", (await _node.RunWordAsync("keys")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal("All keys are there.", (await _node.RunWordAsync("keys")).Succeeded());

        _node.Launch();
        await _node.UntilListensAsync();
        await _node.UntilSaysAsync("Not ready");
        await _node.UntilSaysAsync("admin token");
        var behind = await _node.Anonymous.SendAsync(HttpMethod.Get, "/health/ready");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "schema-behind"), (behind.Status, behind["type"]));
        var early = await _node.Anonymous.SendAsync(HttpMethod.Get, "/api/v1/components");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "starting"), (early.Status, early["type"]));
        foreach (var word in new[] { "gc", "scrub", "rerender" })
            Assert.Equal(1, (await _node.RunWordAsync(word)).ExitCode);

        // Two at once: the second finds nothing left to do.
        foreach (var result in await Task.WhenAll(_node.RunWordAsync("migrate"), _node.RunWordAsync("migrate")))
            result.Succeeded();
        await _node.UntilReadyAsync();
        var published = await _node.Admin.SendAsync(HttpMethod.Put, "/api/v1/components/acme/greet/versions/1.0.0",
            new Multipart().Source("component.yaml", Samples.ExistingImage()).ToContent());
        Assert.Equal(HttpStatusCode.Created, published.Status);
    }

    [Theory]
    [InlineData("web")]
    [InlineData("build")]
    public async Task A_node_of_its_own_says_which_servers_it_needs(string word)
    {
        var refused = await WordRun.RunAsync(_data, word);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("Bus__Transport=RabbitMq", refused.Err, StringComparison.Ordinal);
    }
}
