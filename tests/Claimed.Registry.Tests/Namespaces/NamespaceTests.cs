using System.Net;
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

    private Task<Answer> PutAsync(string space) => _host.Admin.SendAsync(HttpMethod.Put, $"/api/v1/namespaces/{space}");
}
