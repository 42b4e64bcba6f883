using System.Net;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Access.Tokens;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Access;

public sealed class TokenTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private const string Tokens = "/api/v1/tokens";
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task An_administrator_publishes_into_a_namespace_that_is_not_there_with_a_token_for_publishing_alone()
    {
        var made = await _host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "publisher", scopes = new[] { "publish" }, pattern = "*" });
        using var publisher = _host.With(made["token"]!);
        var upload = new Multipart().Source("component.yaml", Samples.ExistingImage("new"));
        Assert.Equal(HttpStatusCode.Created, (await publisher.SendAsync(HttpMethod.Put, "/api/v1/components/made-by-publishing/tool/versions/1.0.0", upload.ToContent())).Status);
    }

    [Fact]
    public async Task A_token_is_shown_once_has_a_checksum_and_does_what_its_scopes_say_where_its_pattern_says()
    {
        await _host.CreateNamespaceAsync("scoped", isPrivate: false, ("ada", "publisher"));
        var made = await _host.Admin.JsonAsync(HttpMethod.Post, Tokens, new { name = "ci", user = "ada", scopes = new[] { "publish" }, pattern = "scoped/tool-*", days = 7 });
        Assert.Equal((HttpStatusCode.Created, "ada", "no-store"), (made.Status, made["user"], made.Message.Headers.CacheControl!.ToString()));
        var token = made["token"]!;
        Assert.True(TokenText.IsWellFormed(token));
        Assert.False(TokenText.IsWellFormed(token[..^1] + (token[^1] == 'x' ? 'y' : 'x')));
        Assert.Equal(TimeSpan.FromDays(7), made.Json.GetProperty("expiresAt").GetDateTimeOffset() - made.Json.GetProperty("createdAt").GetDateTimeOffset());
        using var ci = _host.With(token);
        Assert.Equal(HttpStatusCode.Created, await PublishAsync(ci, "scoped", "tool-one"));
        Assert.Equal(HttpStatusCode.Forbidden, await PublishAsync(ci, "scoped", "other"));
        Assert.Equal(HttpStatusCode.NotFound, await PublishAsync(ci, "nowhere", "tool-one"));
        Assert.Equal(HttpStatusCode.Forbidden, (await ci.JsonAsync(HttpMethod.Patch, "/api/v1/components/scoped/tool-one/versions/1.0.0", new { yanked = true })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await ci.JsonAsync(HttpMethod.Post, Tokens, new { name = "more", scopes = new[] { "publish" } })).Status);
        Assert.DoesNotContain(token, (await ci.SendAsync(HttpMethod.Get, Tokens)).Text, StringComparison.Ordinal);
        var me = await ci.SendAsync(HttpMethod.Get, "/api/v1/me");
        Assert.Equal(("ada", "scoped/tool-*", "publisher"), (me["user"], me["pattern"], me["roles.scoped"]));
    }

    [Fact]
    public async Task A_token_is_no_stronger_than_its_person_is_now()
    {
        await _host.CreateNamespaceAsync("fading", isPrivate: false, ("bob", "publisher"));
        using var bob = _host.With(await _host.TokenAsync("bob"));
        Assert.Equal(HttpStatusCode.Created, await PublishAsync(bob, "fading", "one"));
        await _host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/fading/members/user/bob", new { role = "reader" });
        Assert.Equal(HttpStatusCode.Forbidden, await PublishAsync(bob, "fading", "two"));
        await _host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/bob", new { disabled = true });
        Assert.Equal(HttpStatusCode.Unauthorized, await PublishAsync(bob, "fading", "three"));
    }

    [Fact]
    public async Task Nobody_makes_a_token_that_can_more_than_the_maker()
    {
        await _host.CreateNamespaceAsync("narrow", isPrivate: false, ("cleo", "owner"), ("carl", "publisher"));
        using var cleo = _host.With(await _host.TokenAsync("cleo", "manage publish", "narrow/*"));
        using var carl = _host.With(await _host.TokenAsync("carl"));
        Assert.Equal(HttpStatusCode.Created, await MakeAsync(cleo, "publish", "narrow/a-*"));
        Assert.Equal(HttpStatusCode.Created, await MakeAsync(cleo, "publish", "narrow/*", forNamespace: true));
        Assert.Equal(HttpStatusCode.Forbidden, await MakeAsync(cleo, "push", "narrow/*"));
        Assert.Equal(HttpStatusCode.Forbidden, await MakeAsync(cleo, "publish", "*"));
        Assert.Equal(HttpStatusCode.Forbidden, await MakeAsync(cleo, "publish", "wider/*"));
        Assert.Equal(HttpStatusCode.Forbidden, await MakeAsync(carl, "publish", "narrow/*", forNamespace: true));
        Assert.Equal(HttpStatusCode.Forbidden, await MakeAsync(carl, "admin", "*"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await MakeAsync(_host.Admin, "root", "*"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await MakeAsync(_host.Admin, "pull", "a/b/c"));
        Assert.Equal(HttpStatusCode.Forbidden, (await carl.JsonAsync(HttpMethod.Post, Tokens, new { name = "x", user = "cleo", scopes = new[] { "pull" } })).Status);
    }

    [Fact]
    public async Task A_namespaces_token_outlives_its_maker_and_reaches_no_other_namespace()
    {
        await _host.CreateNamespaceAsync("robots", isPrivate: true, ("dora", "owner"));
        await _host.CreateNamespaceAsync("humans", isPrivate: true);
        await _host.PublishReadyAsync("humans", "tool", "1.0.0");
        using var dora = _host.With(await _host.TokenAsync("dora"));
        var made = await dora.JsonAsync(HttpMethod.Post, Tokens, new { name = "robot", scopes = new[] { "publish", "pull" }, pattern = "robots/*", forNamespace = true });
        using var robot = _host.With(made["token"]!);
        await _host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/dora", new { disabled = true });
        Assert.Equal(HttpStatusCode.Created, await PublishAsync(robot, "robots", "made"));
        Assert.Equal(HttpStatusCode.OK, (await robot.SendAsync(HttpMethod.Get, "/api/v1/components/robots/made")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await robot.SendAsync(HttpMethod.Get, "/api/v1/components/humans/tool")).Status);
        Assert.Equal(HttpStatusCode.NotFound, await PublishAsync(robot, "humans", "made"));
    }

    [Fact]
    public async Task A_token_of_the_instance_publishes_everywhere_and_administers_nothing_without_that_scope()
    {
        await _host.CreateNamespaceAsync("anywhere", isPrivate: true);
        var made = await _host.Admin.JsonAsync(HttpMethod.Post, Tokens, new { name = "mirror", scopes = new[] { "publish", "pull" }, pattern = "*" });
        using var mirror = _host.With(made["token"]!);
        Assert.Equal(HttpStatusCode.Created, await PublishAsync(mirror, "anywhere", "made"));
        Assert.Equal(HttpStatusCode.OK, (await mirror.SendAsync(HttpMethod.Get, "/api/v1/components/anywhere/made")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await mirror.SendAsync(HttpMethod.Get, "/api/v1/users")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await mirror.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/anywhere", new { visibility = "public" })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await mirror.JsonAsync(HttpMethod.Post, Tokens, new { name = "more", scopes = new[] { "publish" } })).Status);
    }

    [Fact]
    public async Task A_token_that_another_made_ends_no_later_and_is_revoked_with_it()
    {
        await _host.CreateNamespaceAsync("family", isPrivate: false, ("olaf", "owner"));
        var parent = await _host.Admin.JsonAsync(HttpMethod.Post, Tokens, new { name = "an hour", user = "olaf", scopes = new[] { "manage", "pull" }, pattern = "family/*", days = 1 });
        using var maker = _host.With(parent["token"]!);
        var end = parent.Json.GetProperty("expiresAt").GetDateTimeOffset();
        var made = new List<Answer>();
        foreach (var (days, forNamespace) in new[] { (0, false), (3000, true), (1, false) })
            made.Add(await maker.JsonAsync(HttpMethod.Post, Tokens, new { name = "kept", scopes = new[] { "manage" }, pattern = "family/*", days, forNamespace }));
        Assert.All(made, answer => Assert.InRange(answer.Json.GetProperty("expiresAt").GetDateTimeOffset(), end - TimeSpan.FromDays(1), end));
        using var child = _host.With(made[0]["token"]!);
        made.Add(await child.JsonAsync(HttpMethod.Post, Tokens, new { name = "deeper", scopes = new[] { "manage" }, pattern = "family/*", days = 0 }));
        var other = await _host.TokenAsync("olaf", "manage");
        Assert.Equal(HttpStatusCode.NoContent, (await _host.Admin.SendAsync(HttpMethod.Delete, $"{Tokens}/{parent["id"]}")).Status);
        foreach (var answer in made)
        {
            using var late = _host.With(answer["token"]!);
            Assert.Equal(HttpStatusCode.Unauthorized, (await late.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
        }
        using var olaf = _host.With(other);
        Assert.Equal(HttpStatusCode.OK, (await olaf.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
    }

    [Fact]
    public async Task Who_was_disabled_and_is_enabled_again_begins_without_tokens()
    {
        await _host.CreateNamespaceAsync("back", isPrivate: false, ("bea", "publisher"));
        using var bea = _host.With(await _host.TokenAsync("bea"));
        await _host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/bea", new { disabled = true });
        await _host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/bea", new { disabled = false });
        Assert.Equal(HttpStatusCode.Unauthorized, (await bea.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
        using var again = _host.With(await _host.TokenAsync("bea"));
        Assert.Equal(HttpStatusCode.OK, (await again.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
    }

    [Fact]
    public async Task When_a_token_was_last_used_is_written_behind()
    {
        await _host.CreateNamespaceAsync("used", isPrivate: false, ("eve", "reader"));
        using var eve = _host.With(await _host.TokenAsync("eve"));
        await eve.SendAsync(HttpMethod.Get, "/api/v1/me");
        await _host.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<TokenUses>().Single().WriteAsync(CancellationToken.None);
        Assert.NotNull((await eve.SendAsync(HttpMethod.Get, Tokens)).Items[0].GetProperty("lastUsedAt").GetString());
    }

    [Fact]
    public async Task A_pull_secret_is_ready_for_kubernetes()
    {
        await _host.CreateNamespaceAsync("kube", isPrivate: false, ("finn", "reader"));
        var answer = await _host.Admin.JsonAsync(HttpMethod.Post, Tokens + "?format=dockerconfigjson", new { name = "Cluster A!", user = "finn", scopes = new[] { "pull" }, pattern = "kube/*" });
        Assert.Equal(("Secret", "kubernetes.io/dockerconfigjson", "cluster-a"), (answer["kind"], answer["type"], answer["metadata.name"]));
        var config = JsonDocument.Parse(Convert.FromBase64String(answer.Json.GetProperty("data").GetProperty(".dockerconfigjson").GetString()!)).RootElement;
        var auth = Encoding.UTF8.GetString(Convert.FromBase64String(config.GetProperty("auths").GetProperty("localhost:8080").GetProperty("auth").GetString()!));
        using var kubelet = _host.With(auth.Split(':')[1]);
        Assert.Equal("finn", (await kubelet.SendAsync(HttpMethod.Get, "/api/v1/me"))["user"]);
    }

    private static async Task<HttpStatusCode> MakeAsync(HttpClient client, string scope, string pattern, bool forNamespace = false) =>
        (await client.JsonAsync(HttpMethod.Post, Tokens, new { name = "x", scopes = new[] { scope }, pattern, forNamespace })).Status;

    private static async Task<HttpStatusCode> PublishAsync(HttpClient client, string space, string name) =>
        (await client.SendAsync(HttpMethod.Put, $"/api/v1/components/{space}/{name}/versions/1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage(name)).ToContent())).Status;
}
