using System.Net;
using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Namespaces;

public sealed class NamespaceTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task An_administrator_creates_a_namespace_once()
    {
        var made = await PutAsync("teams");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("http://localhost:8080/api/v1/namespaces/teams", made.Message.Headers.Location!.ToString());
        var again = await PutAsync("teams");
        Assert.Equal((HttpStatusCode.OK, made.Text), (again.Status, again.Text));
        Assert.Equal(made.Text, (await _host.GetAsync("/api/v1/namespaces/teams")).Text);
        Assert.Equal(["namespace.created"], await _host.EventKindsAsync("teams"));
        Assert.Contains("teams", (await _host.GetAsync("/api/v1/namespaces?limit=200")).Items.Select(item => item.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_body_says_what_a_new_namespace_is_and_never_changes_one_that_is_there()
    {
        var made = await PutAsync("hidden", """{"visibility": "private", "onlyTrusted": true}""");
        Assert.Equal((HttpStatusCode.Created, "private", true), (made.Status, made["visibility"], made.Json.GetProperty("onlyTrusted").GetBoolean()));
        Assert.Equal(HttpStatusCode.NotFound, (await _host.Anonymous.SendAsync(HttpMethod.Get, "/api/v1/namespaces/hidden")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("hidden", """{"visibility": "private"}""")).Status);
        var other = await PutAsync("hidden", """{"visibility": "public"}""");
        Assert.Equal((HttpStatusCode.Conflict, "namespace-exists"), (other.Status, other["type"]));
        Assert.Equal("private", (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/namespaces/hidden"))["visibility"]);
        Assert.Equal("bad-field", (await PutAsync("unborn", """{"visibility": "secret"}"""))["type"]);
        Assert.Equal("namespace-not-found", (await _host.Admin.SendAsync(HttpMethod.Get, "/api/v1/namespaces/unborn"))["type"]);
    }

    [Fact]
    public async Task Many_at_once_create_it_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => PutAsync("crowded")));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(11, answers.Count(answer => answer.Status == HttpStatusCode.OK));
    }

    [Theory]
    [InlineData("api")]
    [InlineData("Teams")]
    [InlineData("a--b")]
    public async Task A_name_that_cannot_be_one_is_refused(string space) => Assert.Equal("namespace-invalid", (await PutAsync(space))["type"]);

    [Fact]
    public async Task A_namespace_that_is_not_there_is_a_404_and_creating_one_needs_a_token()
    {
        Assert.Equal("namespace-not-found", (await _host.GetAsync("/api/v1/namespaces/nobody"))["type"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Anonymous.SendAsync(HttpMethod.Put, "/api/v1/namespaces/nobody")).Status);
    }

    private Task<Answer> PutAsync(string space, string? body = null) => _host.Admin.SendAsync(
        HttpMethod.Put, $"/api/v1/namespaces/{space}", body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"));
}
