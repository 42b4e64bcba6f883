using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Nobody passes for somebody else in the audit, whatever they call themselves and their tokens.</summary>
public sealed class NameTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private RegistryHost Host => registry.Host;

    [Fact]
    public async Task A_token_of_no_person_is_called_by_its_number_and_pattern()
    {
        await Host.CreateNamespaceAsync("forged", isPrivate: false, ("olga", "owner"));
        using var olga = Host.With(await Host.TokenAsync("olga"));
        var made = await olga.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "administrator", forNamespace = true, scopes = new[] { "publish", "pull", "manage" }, pattern = "forged/*" });
        var name = $"token {made["id"]} of forged/* (administrator)";
        using var robot = Host.With(made["token"]!);
        Assert.Equal(name, (await robot.SendAsync(HttpMethod.Get, "/api/v1/me"))["name"]);
        var published = await robot.SendAsync(HttpMethod.Put, "/api/v1/components/forged/tool/versions/1.0.0", new Multipart().Source("component.yaml", Samples.ExistingImage("forged")).Field("repository", "https://github.com/acme/x").ToContent());
        Assert.Equal(HttpStatusCode.Created, published.Status);
        Assert.DoesNotContain("\"administrator\"", published.Text, StringComparison.Ordinal);
        Assert.Contains(name, published.Text, StringComparison.Ordinal);
        Assert.Equal(name, (await robot.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "x", scopes = new[] { "pull" }, pattern = "forged/*" }))["createdBy"]);
        await robot.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/absent", new { visibility = "public" });
        var audit = await Host.AuditAsync("/api/v1/namespaces/absent");
        Assert.Contains($"\"who\":\"{name}\"", audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("administrator")]
    [InlineData("adm1nistrator")]
    [InlineData("administrat0r")]
    [InlineData("admlnistrator")]
    [InlineData("administrator-2")]
    [InlineData("admin")]
    [InlineData("anonymous")]
    [InlineData("registry")]
    [InlineData("set-tings")]
    public async Task A_person_is_not_called_like_others_in_the_audit(string name) =>
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Host.Admin.JsonAsync(HttpMethod.Put, $"/api/v1/users/{name}", new { displayName = "x" })).Status);

    [Theory]
    [InlineData("ada")]
    [InlineData("administrator@example.org")]
    [InlineData("ana.settings")]
    [InlineData("x1")]
    public async Task Other_names_are_free(string name) =>
        Assert.Equal(HttpStatusCode.Created, (await Host.Admin.JsonAsync(HttpMethod.Put, $"/api/v1/users/{name}", new { displayName = "x" })).Status);

    [Fact]
    public async Task What_someone_called_settings_made_is_there_after_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("claimed-test-").FullName;
        string token;
        await using (var host = await RegistryHost.StartAsync(dataPath: data))
        {
            // The instance's own token of that name makes another.
            var settings = host.With((await host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "settings", scopes = new[] { "pull", "manage", "admin" }, pattern = "*" }))["token"]!);
            token = (await settings.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "cluster", scopes = new[] { "pull" }, pattern = "*" }))["token"]!;
        }
        await using (var host = await RegistryHost.StartAsync(dataPath: data))
        {
            using var cluster = host.With(token);
            Assert.Equal(HttpStatusCode.OK, (await cluster.SendAsync(HttpMethod.Get, "/api/v1/me")).Status);
        }
        await TestDatabase.DropAsync(data);
        Directory.Delete(data, recursive: true);
    }
}
