using System.Buffers.Text;
using System.Net;
using System.Text;
using Claimed.Registry.Access;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Two nodes on one PostgreSQL count guesses together, and know together what was revoked.</summary>
[Trait("Database", "own")]
public sealed class NodeLimitTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("claimed-nodes-").FullName;
    private Dictionary<string, string> _settings = null!;
    private PostgresServer _server = null!;
    private RegistryHost[] _nodes = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync("fsync=off");
        _settings = new Dictionary<string, string>
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = await _server.CreateDatabaseAsync(),
            ["Limits:UnknownTokens"] = "20",
            ["Limits:SignIns"] = "4",
        };
        _nodes = [await RegistryHost.StartAsync(_settings, _data), await RegistryHost.StartAsync(_settings, _data)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Guesses_of_tokens_and_of_passwords_are_counted_over_both_nodes()
    {
        var tokens = new List<HttpStatusCode>();
        for (var turn = 0; turn < 60; turn++)
        {
            using var guess = _nodes[turn % 2].With("clmt_guess");
            tokens.Add((await guess.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
        }
        // A window may end meanwhile; each node alone would let through twice as many.
        Assert.InRange(tokens.Count(status => status == HttpStatusCode.Unauthorized), 20, 40 - 1);
        var passwords = new List<HttpStatusCode>();
        for (var turn = 0; turn < 20; turn++)
        {
            using var browser = new CookieBrowser(_nodes[turn % 2].Address);
            passwords.Add((await browser.SignInAsync("ada", "wrong password 1")).Status);
        }
        Assert.InRange(passwords.Count(status => status == HttpStatusCode.Unauthorized), 4, 8 - 1);
    }

    [Fact]
    public async Task What_a_revoked_token_has_made_is_over_at_the_other_node_too_and_a_revoked_administrator_stays_so()
    {
        var parent = await _nodes[0].Admin.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "mirror", scopes = new[] { "manage", "admin" }, pattern = "*" });
        using var maker = _nodes[0].With(parent["token"]!);
        var child = (await maker.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "kept", scopes = new[] { "admin" }, pattern = "*", days = 0 }))["token"]!;
        using var there = _nodes[1].With(child);
        await UntilAsync(there, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NoContent, (await _nodes[0].Admin.SendAsync(HttpMethod.Delete, $"/api/v1/tokens/{parent["id"]}")).Status);
        await UntilAsync(there, HttpStatusCode.Unauthorized);

        var id = (await _nodes[0].Admin.SendAsync(HttpMethod.Get, "/api/v1/tokens")).Items.Single().GetProperty("id").GetInt64();
        Assert.Equal(HttpStatusCode.NoContent, (await _nodes[0].Admin.SendAsync(HttpMethod.Delete, $"/api/v1/tokens/{id}")).Status);
        await _nodes[0].DisposeAsync();
        _nodes[0] = await RegistryHost.StartAsync(_settings, _data);
        foreach (var node in _nodes)
            await UntilAsync(node.Admin, HttpStatusCode.Unauthorized);
        await _nodes[1].DisposeAsync();
        const string another = "another-administrator-token";
        _nodes[1] = await RegistryHost.StartAsync(new Dictionary<string, string>(_settings) { ["Registry:AdminToken"] = another }, _data);
        using var administrator = _nodes[1].With(another);
        Assert.Equal(HttpStatusCode.OK, (await administrator.SendAsync(HttpMethod.Get, "/api/v1/users")).Status);
    }

    [Fact]
    public async Task A_cursor_with_U0000_is_none()
    {
        foreach (var key in new[] { "\0", "a\0b" })
        {
            var answer = await _nodes[0].Admin.SendAsync(HttpMethod.Get, "/api/v1/users?cursor=" + Base64Url.EncodeToString(Encoding.UTF8.GetBytes("users\n" + key)));
            Assert.Equal((HttpStatusCode.BadRequest, "bad-query"), (answer.Status, answer["type"]));
        }
    }

    [Fact]
    public async Task A_node_without_an_administrators_token_of_its_settings_does_not_start_and_says_why()
    {
        await using var app = RegistryApp.Build([.. _settings.Append(new("Registry:DataPath", _data)).Select(pair => $"--{pair.Key}={pair.Value}")]);
        app.Services.GetRequiredService<KeyFiles>().MakeMissing();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => RegistryApp.PrepareAsync(app, CancellationToken.None));
        Assert.Contains("Registry__AdminToken is needed with Database__Provider=Postgres", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_data, "admin-token")));
    }

    private static async Task UntilAsync(HttpClient client, HttpStatusCode status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await client.SendAsync(HttpMethod.Get, "/api/v1/me")).Status != status)
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
