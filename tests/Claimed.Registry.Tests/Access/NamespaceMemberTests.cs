using System.Net;
using Claimed.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Access;

public sealed class NamespaceMemberTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task An_owner_gives_and_takes_roles_but_never_leaves_a_namespace_without_an_owner()
    {
        await _host.CreateNamespaceAsync("owned", isPrivate: true, ("owen", "owner"), ("rosa", "reader"));
        using var owen = _host.With(await _host.TokenAsync("owen"));
        using var rosa = _host.With(await _host.TokenAsync("rosa"));
        Assert.Equal(HttpStatusCode.Forbidden, (await rosa.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/owned/members/user/rosa", new { role = "owner" })).Status);
        Assert.Equal("last-owner", (await owen.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/owned/members/user/owen", new { role = "reader" }))["type"]);
        Assert.Equal("last-owner", (await owen.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/owned/members/user/owen"))["type"]);
        // An owner who can no longer sign in is none.
        await _host.PersonAsync("otto", SignInTests.Password);
        Assert.True((int)(await owen.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/owned/members/user/otto", new { role = "owner" })).Status < 300);
        await _host.Admin.JsonAsync(HttpMethod.Put, "/api/v1/users/otto", new { disabled = true });
        Assert.Equal("last-owner", (await owen.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/owned/members/user/owen"))["type"]);
        Assert.Equal("user-not-found", (await owen.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/owned/members/user/ghost", new { role = "reader" }))["type"]);
        Assert.Equal(HttpStatusCode.OK, (await owen.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/owned/members/group/ml-team", new { role = "publisher" })).Status);
        Assert.Equal(["group ml-team publisher", "user otto owner", "user owen owner", "user rosa reader"], (await owen.SendAsync(HttpMethod.Get, "/api/v1/namespaces/owned/members")).Items
            .Select(item => $"{item.GetProperty("kind").GetString()} {item.GetProperty("name").GetString()} {item.GetProperty("role").GetString()}"));
        Assert.Equal(HttpStatusCode.NoContent, (await owen.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/owned/members/user/rosa")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await rosa.SendAsync(HttpMethod.Get, "/api/v1/namespaces/owned")).Status);
    }

    [Fact]
    public async Task A_transfer_leaves_one_owner_and_the_former_as_publisher()
    {
        await _host.CreateNamespaceAsync("handed", isPrivate: false, ("pia", "owner"), ("quin", "reader"));
        using var pia = _host.With(await _host.TokenAsync("pia"));
        using var quin = _host.With(await _host.TokenAsync("quin"));
        Assert.Equal("quin", (await pia.JsonAsync(HttpMethod.Post, "/api/v1/namespaces/handed/transfer", new { to = "quin" }))["name"]);
        Assert.Equal(HttpStatusCode.Forbidden, (await pia.SendAsync(HttpMethod.Get, "/api/v1/namespaces/handed/members")).Status);
        Assert.Equal(["owner", "publisher"], (await quin.SendAsync(HttpMethod.Get, "/api/v1/namespaces/handed/members")).Items.Select(item => item.GetProperty("role").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Only_an_empty_namespace_is_deleted_and_its_tokens_end_with_it()
    {
        await _host.CreateNamespaceAsync("brief");
        var token = await _host.NamespaceTokenAsync("brief/*", "publish pull");
        using var robot = _host.With(token);
        Assert.EndsWith(" of brief/* (robot of brief/*)", (await robot.SendAsync(HttpMethod.Get, "/api/v1/me"))["name"]!, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await _host.Admin.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/brief")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync("/api/v1/namespaces/brief")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await robot.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
        await _host.PublishReadyAsync("brief", "tool", "1.0.0");
        Assert.Equal("namespace-not-empty", (await _host.Admin.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/brief"))["type"]);
    }

    [Fact]
    public async Task People_create_namespaces_of_their_own_only_where_the_option_says_so()
    {
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Access:NamespacesBy"] = "Everyone" });
        foreach (var (each, expected) in new[] { (_host, HttpStatusCode.Forbidden), (host, HttpStatusCode.Created) })
        {
            await each.CreateNamespaceAsync("start", isPrivate: true, ("tess", "reader"));
            using var tess = each.With(await each.TokenAsync("tess"));
            Assert.Equal(expected, (await tess.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/tess-own")).Status);
            if (expected == HttpStatusCode.Created)
                Assert.Equal("owner", (await tess.SendAsync(HttpMethod.Get, "/api/v1/me"))["roles.tess-own"]);
        }
        await host.CreateNamespaceAsync("secret", isPrivate: true);
        using var again = host.With(await host.TokenAsync("tess"));
        Assert.Equal(HttpStatusCode.NotFound, (await again.JsonAsync(HttpMethod.Put, "/api/v1/namespaces/secret")).Status);
    }

    [Fact]
    public async Task Groups_get_roles_from_the_file_and_again_when_it_changes()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """{"groups": {"ml": {"filed": "publisher"}}}""");
        using var log = new LogLines();
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Access:File"] = file }, adjust: builder => builder.Logging.AddProvider(log));
        await host.CreateNamespaceAsync("filed", isPrivate: true);
        await host.CreateNamespaceAsync("other", isPrivate: false, ("uma", "reader"));
        await host.SetGroupsAsync("uma", "ml");
        using var uma = host.With(await host.TokenAsync("uma"));
        Assert.Equal(HttpStatusCode.OK, (await uma.SendAsync(HttpMethod.Get, "/api/v1/namespaces/filed")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await uma.SendAsync(HttpMethod.Get, "/api/v1/namespaces/filed/members")).Status);
        await File.WriteAllTextAsync(file, """{"groups": {"ml": {"filed": "owner"}}} """);
        await UntilAsync(async () => (await uma.SendAsync(HttpMethod.Get, "/api/v1/namespaces/filed/members")).Status == HttpStatusCode.OK);
        await File.WriteAllTextAsync(file, """{"groups": {"ml": null}}""");
        await UntilAsync(() => Task.FromResult(log.Lines.Any(line => line.Contains("group ml is no object", StringComparison.Ordinal))));
        Assert.Equal(HttpStatusCode.OK, (await uma.SendAsync(HttpMethod.Get, "/api/v1/namespaces/filed/members")).Status);
        await File.WriteAllTextAsync(file, """{"groups": {}}   """);
        await UntilAsync(async () => (await uma.SendAsync(HttpMethod.Get, "/api/v1/namespaces/filed")).Status == HttpStatusCode.NotFound);
        File.Delete(file);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{\"groups\": {", "not JSON")]
    [InlineData("null", "must have \"groups\"")]
    [InlineData("[]", "must have \"groups\"")]
    [InlineData("{\"group\": {}}", "must have \"groups\"")]
    [InlineData("{\"groups\": {}, \"more\": 1}", "must have \"groups\"")]
    [InlineData("{\"groups\": null}", "groups is no object")]
    [InlineData("{\"groups\": {\"ml\": \"owner\"}}", "group ml is no object")]
    [InlineData("{\"groups\": {\"ml\": {\"acme\": null}}}", "role \"null\" in acme")]
    [InlineData("{\"groups\": {\"ml\": {\"acme\": \"boss\"}}}", "role \"boss\" in acme")]
    [InlineData("{\"groups\": {\"ml\": {\"*\": \"owner\", \"acme\": \"administrator\"}}}", "role \"administrator\" in acme")]
    public async Task A_file_of_groups_that_is_wrong_stops_the_start_with_a_sentence(string json, string says)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, json);
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => RegistryHost.StartAsync(new Dictionary<string, string> { ["Access:File"] = file }));
        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
