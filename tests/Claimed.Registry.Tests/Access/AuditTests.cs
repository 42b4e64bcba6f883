using System.Net;
using System.Text.Json;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

public sealed class AuditTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task What_was_done_and_what_was_refused_is_told_to_owners_for_their_namespace_without_secrets()
    {
        await _host.CreateNamespaceAsync("watched", isPrivate: false, ("vera", "owner"), ("walt", "reader"));
        var tokens = new[] { await _host.TokenAsync("vera"), await _host.TokenAsync("walt") };
        using var vera = _host.With(tokens[0]);
        using var walt = _host.With(tokens[1]);
        Assert.Equal(HttpStatusCode.Created, (await PublishAsync(vera)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PublishAsync(walt)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PublishAsync(_host.Anonymous)).Status);

        var lines = await UntilAsync(3);
        Assert.Contains(lines, line => Is(line, "vera", "version.published", "done") && line.GetProperty("event").GetInt64() > 0 && line.GetProperty("tokenId").GetInt64() > 0);
        Assert.Contains(lines, line => Is(line, "walt", "PUT /api/v1/components/watched/tool/versions/1.0.0", "refused 403") && line.GetProperty("address").GetString() == "127.0.0.1");
        Assert.Contains(lines, line => Is(line, "anonymous", "PUT /api/v1/components/watched/tool/versions/1.0.0", "refused 401"));
        Assert.Equal(HttpStatusCode.Forbidden, (await walt.SendAsync(HttpMethod.Get, "/api/v1/namespaces/watched/audit")).Status);

        var export = await vera.SendAsync(HttpMethod.Get, "/api/v1/namespaces/watched/audit", null, ("Accept", "application/x-ndjson"));
        Assert.All(export.Text.TrimEnd().Split('\n'), line => Assert.Equal("watched", JsonDocument.Parse(line).RootElement.GetProperty("namespace").GetString()));
        var all = (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/audit", null, ("Accept", "application/x-ndjson"))).Text;
        Assert.DoesNotContain(tokens, token => all.Contains(token, StringComparison.Ordinal));
        Assert.Contains("access.token-created", all, StringComparison.Ordinal);

        async Task<IReadOnlyList<JsonElement>> UntilAsync(int refusedAndDone)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (true)
            {
                var items = (await vera.SendAsync(HttpMethod.Get, "/api/v1/namespaces/watched/audit?limit=200")).Items;
                if (items.Count(item => item.GetProperty("outcome").GetString() != "done" || item.GetProperty("action").GetString() == "version.published") >= refusedAndDone)
                    return items;
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
    }

    [Fact]
    public async Task What_the_registry_does_by_itself_is_in_its_own_name()
    {
        await _host.CreateNamespaceAsync("quiet");
        await _host.PublishReadyAsync("quiet", "tool", "1.0.0");
        var who = (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/namespaces/quiet/audit")).Items.Select(item => item.GetProperty("who").GetString()).Distinct();
        Assert.Equal(["administrator"], who);
    }

    private static bool Is(JsonElement line, string who, string action, string outcome) =>
        (line.GetProperty("who").GetString(), line.GetProperty("action").GetString(), line.GetProperty("outcome").GetString()) == (who, action, outcome);

    private static Task<Answer> PublishAsync(HttpClient client) =>
        client.SendAsync(HttpMethod.Put, "/api/v1/components/watched/tool/versions/1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage("watched")).ToContent());
}
