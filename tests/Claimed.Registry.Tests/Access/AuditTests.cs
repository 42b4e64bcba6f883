using System.Globalization;
using System.Net;
using System.Text.Json;
using Claimed.Registry.Access.Audit;
using Claimed.Registry.Access.Tokens;
using Claimed.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
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

    [Fact]
    public async Task Reads_that_are_refused_and_failed_sign_ins_are_told()
    {
        await _host.CreateNamespaceAsync("looked-at", isPrivate: false, ("rex", "reader"));
        using var rex = _host.With(await _host.TokenAsync("rex"));
        Assert.Equal(HttpStatusCode.Forbidden, (await rex.SendAsync(HttpMethod.Get, "/api/v1/namespaces/looked-at/audit")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await rex.SendAsync(HttpMethod.Get, "/api/v1/users")).Status);
        using var guess = _host.With(TokenText.New());
        Assert.Equal(HttpStatusCode.Unauthorized, (await guess.SendAsync(HttpMethod.Get, "/token?scope=repository:looked-at/x:pull")).Status);
        using var browser = new CookieBrowser(_host.Address);
        await browser.SignInAsync("rex", "wrong password 1");
        await _host.AuditAsync("POST /sign-in");
        var items = (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/audit?limit=200")).Items;
        Assert.Contains(items, line => Is(line, "rex", "GET /api/v1/namespaces/looked-at/audit", "refused 403") && line.GetProperty("namespace").GetString() == "looked-at");
        Assert.Contains(items, line => Is(line, "rex", "GET /api/v1/users", "refused 403"));
        Assert.Contains(items, line => Is(line, "anonymous", "GET /token", "refused 401"));
        Assert.Contains(items, line => Is(line, "anonymous", "POST /sign-in", "refused 401"));
    }

    [Fact]
    public async Task What_a_limit_refuses_is_a_row_for_an_address_and_minute_that_is_there_after_an_orderly_stop()
    {
        var data = Directory.CreateTempSubdirectory("claimed-test-").FullName;
        int refused;
        await using (var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Limits:AnonymousWrites"] = "5" }, data))
        {
            var answers = new List<HttpStatusCode>();
            for (var turn = 0; turn < 60; turn++)
                answers.Add((await host.Anonymous.JsonAsync(HttpMethod.Delete, $"/api/v1/tokens/{turn}")).Status);
            refused = answers.Count(status => status == HttpStatusCode.TooManyRequests);
        }
        Assert.InRange(refused, 40, 55);
        var rows = await TestDatabase.QueryAsync(data, "SELECT \"Action\" FROM audit WHERE \"Outcome\" = 'refused 429' AND \"Address\" = '127.0.0.1'");
        Assert.InRange(rows.Count, 1, 2);
        Assert.Equal(refused, rows.Sum(row => int.Parse(((string)row).Split(' ')[0], CultureInfo.InvariantCulture)));
        // The last of the others, too.
        Assert.Equal(60 - refused, Convert.ToInt32((await TestDatabase.QueryAsync(data, "SELECT count(*) FROM audit WHERE \"Outcome\" = 'refused 401'")).Single(), CultureInfo.InvariantCulture));
        await TestDatabase.DropAsync(data);
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task How_many_refusals_had_no_room_is_told()
    {
        await using var host = await RegistryHost.StartAsync();
        var audit = host.Services.GetRequiredService<RefusalAudit>();
        var (context, route) = (new DefaultHttpContext(), new RouteValueDictionary());
        // Faster than any database writes.
        for (var turn = 0; turn < 50_000; turn++)
            audit.Note(context, route);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        long written, lost;
        do
        {
            await timer.WaitForNextTickAsync(limit.Token);
            written = Convert.ToInt64((await TestDatabase.QueryAsync(host.DataPath, "SELECT count(*) FROM audit WHERE \"Outcome\" LIKE 'refused%'")).Single(), CultureInfo.InvariantCulture);
            lost = (await TestDatabase.QueryAsync(host.DataPath, $"SELECT \"Subject\" FROM audit WHERE \"Action\" = '{RefusalAudit.Lost}' AND \"Who\" = 'registry'"))
                .Sum(row => long.Parse(((string)row).Split(' ')[0], CultureInfo.InvariantCulture));
        }
        while (written + lost < 50_000);
        Assert.Equal(50_000, written + lost);
        Assert.NotEqual(0, lost);
    }

    [Fact]
    public async Task The_next_owner_of_a_name_reads_nothing_of_the_former_one()
    {
        await _host.CreateNamespaceAsync("handed-on", isPrivate: true, ("anna", "owner"));
        using var anna = _host.With(await _host.TokenAsync("anna"));
        Assert.Equal(HttpStatusCode.NoContent, (await anna.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/handed-on")).Status);
        await TestDatabase.ExecuteAsync(_host.DataPath, """UPDATE audit SET "At" = "At" - 1000 WHERE "Namespace" = 'handed-on'""");
        await _host.CreateNamespaceAsync("handed-on", isPrivate: true, ("nell", "owner"));
        using var nell = _host.With(await _host.TokenAsync("nell"));
        const string path = "/api/v1/namespaces/handed-on/audit";
        foreach (var accept in new[] { "application/json", "application/x-ndjson" })
        {
            var text = (await nell.SendAsync(HttpMethod.Get, path, null, ("Accept", accept))).Text;
            Assert.DoesNotContain("namespace.deleted", text, StringComparison.Ordinal);
            Assert.DoesNotContain("anna", text, StringComparison.Ordinal);
            Assert.Contains("namespace.member-set", text, StringComparison.Ordinal);
            Assert.Contains("namespace.deleted", (await _host.Admin.SendAsync(HttpMethod.Get, path, null, ("Accept", accept))).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_that_someone_makes_for_themself_is_in_a_namespace_s_audit_only_if_they_have_a_role_there()
    {
        await _host.CreateNamespaceAsync("noted", isPrivate: true, ("nina", "owner"), ("mona", "reader"));
        await _host.CreateNamespaceAsync("theirs", isPrivate: false, ("sven", "owner"));
        using var nina = _host.With(await _host.TokenAsync("nina"));
        using var mona = _host.With(await _host.TokenAsync("mona"));
        using var sven = _host.With(await _host.TokenAsync("sven"));
        foreach (var client in new[] { sven, mona })
        {
            var made = await client.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "a line", scopes = new[] { "pull" }, pattern = "noted/*" });
            Assert.Equal(HttpStatusCode.Created, made.Status);
            Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(HttpMethod.Delete, $"/api/v1/tokens/{made["id"]}")).Status);
        }
        var lines = (await nina.SendAsync(HttpMethod.Get, "/api/v1/namespaces/noted/audit?limit=200")).Items;
        Assert.DoesNotContain(lines, line => line.GetProperty("who").GetString() == "sven");
        Assert.Equal(["access.token-created", "access.token-revoked"],
            lines.Where(line => line.GetProperty("who").GetString() == "mona").Select(line => line.GetProperty("action").GetString()!).Order(StringComparer.Ordinal));
        Assert.Contains("sven", (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/audit?limit=200")).Text, StringComparison.Ordinal);
    }

    private static bool Is(JsonElement line, string who, string action, string outcome) =>
        (line.GetProperty("who").GetString(), line.GetProperty("action").GetString(), line.GetProperty("outcome").GetString()) == (who, action, outcome);

    private static Task<Answer> PublishAsync(HttpClient client) =>
        client.SendAsync(HttpMethod.Put, "/api/v1/components/watched/tool/versions/1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage("watched")).ToContent());
}
