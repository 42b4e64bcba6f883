using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Two nodes on one PostgreSQL: what one is told, both know.</summary>
[Trait("Database", "own")]
public sealed class NodeAccessTests : IAsyncLifetime
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(1);
    private PostgresServer _server = null!;
    private RegistryProcess[] _nodes = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        var settings = new Dictionary<string, string>
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = await _server.CreateDatabaseAsync(),
            ["Registry:KeysPath"] = Directory.CreateTempSubdirectory("claimed-keys-").FullName,
            ["Limits:Writes"] = "40",
        };
        _nodes = [new RegistryProcess(settings), new RegistryProcess(settings)];
        (await _nodes[0].RunWordAsync("keys")).Succeeded();
        (await _nodes[0].RunWordAsync("migrate")).Succeeded();
        await Task.WhenAll(_nodes.Select(node => node.StartAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_token_works_everywhere_a_moment_after_it_was_made_and_nowhere_a_second_after_it_was_revoked()
    {
        await _nodes[0].Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/ada", new { displayName = "Ada" });
        var made = await _nodes[0].Admin.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "laptop", user = "ada", scopes = new[] { "pull" } });
        foreach (var node in _nodes)
            await UntilAsync(node, made["token"]!, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NoContent, (await _nodes[0].Admin.SendAsync(HttpMethod.Delete, $"/api/v1/tokens/{made["id"]}")).Status);
        var revoked = Stopwatch.GetTimestamp();
        foreach (var node in _nodes)
            await UntilAsync(node, made["token"]!, HttpStatusCode.Unauthorized);
        Assert.InRange(Stopwatch.GetElapsedTime(revoked), TimeSpan.Zero, Within);
    }

    [Fact]
    public async Task A_limit_holds_over_both_nodes_together()
    {
        await _nodes[0].Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/bob", new { displayName = "Bob" });
        var token = (await _nodes[0].Admin.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "laptop", user = "bob", scopes = new[] { "publish" } }))["token"]!;
        foreach (var node in _nodes)
            await UntilAsync(node, token, HttpStatusCode.OK);
        var statuses = new List<HttpStatusCode>();
        for (var write = 0; write < 120; write++)
            statuses.Add(await SendAsync(_nodes[write % 2], HttpMethod.Delete, "/api/v1/tokens/999999", token));
        // A window may end meanwhile; each node alone would let through twice as many.
        Assert.InRange(statuses.Count(status => status == HttpStatusCode.NotFound), 40, 80 - 1);
    }

    private static async Task UntilAsync(RegistryProcess node, string token, HttpStatusCode status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await SendAsync(node, HttpMethod.Get, "/api/v1/me", token) != status)
            await timer.WaitForNextTickAsync(limit.Token);
    }

    private static async Task<HttpStatusCode> SendAsync(RegistryProcess node, HttpMethod method, string path, string token)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var answer = await node.Anonymous.SendAsync(request);
        return answer.StatusCode;
    }
}
