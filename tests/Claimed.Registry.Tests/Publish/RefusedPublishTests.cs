using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

public sealed class RefusedPublishTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    // Wrong are a default that is no number, a name that only running tells, and a requirement with a shell command.
    private const string Broken = """
        '''Broken on purpose.'''
        import os
        # How often
        count = int(os.environ.get('count', 'many'))
        # pip install pandas; rm -rf /
        output_rows = os.environ[name]
        """;

    private readonly RegistryHost _host = registry.Host;

    [Fact]
    public async Task All_findings_come_together_each_with_its_place_and_a_fix()
    {
        var before = await StoredThings.InAsync(_host);
        var answer = await _host.PublishAsync("broken", "step", "1.0.0", ("step.py", Broken));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal("invalid-component", answer["type"]);
        Assert.Equal("application/problem+json", answer.ContentType);
        var errors = answer.Json.GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("severity").GetString() == "error").ToList();
        Assert.True(errors.Count >= 2, answer.Text);
        Assert.All(errors, finding =>
        {
            Assert.Equal("step.py", finding.GetProperty("file").GetString());
            Assert.True(finding.GetProperty("line").GetInt32() >= 1, answer.Text);
            Assert.True(finding.GetProperty("column").GetInt32() >= 1, answer.Text);
            Assert.NotEmpty(finding.GetProperty("message").GetString()!);
            Assert.NotEmpty(finding.GetProperty("fix").GetString()!);
        });
        Assert.Equal(before, await StoredThings.InAsync(_host));
    }

    [Fact]
    public async Task Validating_gives_the_same_findings_without_a_token_and_stores_nothing()
    {
        var before = await StoredThings.InAsync(_host);
        var upload = new Multipart().Source("step.py", Broken);
        var published = await _host.PublishAsync("broken", "step", "1.0.0", upload);
        var validated = await _host.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/components/broken/validate", upload.ToContent());
        Assert.Equal(HttpStatusCode.OK, validated.Status);
        Assert.Equal("false", validated["valid"]);
        Assert.Equal(published["findings"], validated["findings"]);
        Assert.Equal(before, await StoredThings.InAsync(_host));
    }

    [Fact]
    public async Task Validating_a_good_source_tells_its_name_and_interface_and_stores_nothing()
    {
        var before = await StoredThings.InAsync(_host);
        var answer = await _host.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/components/nobody/validate",
            new Multipart().Source("filter_rows.py", Samples.Script()).ToContent());
        Assert.Equal("true", answer["valid"]);
        Assert.Equal("filter-rows", answer["name"]);
        Assert.Equal(3, answer.Json.GetProperty("inputs").GetArrayLength());
        Assert.Equal(before, await StoredThings.InAsync(_host));
        Assert.Equal(HttpStatusCode.NotFound, (await _host.ComponentAsync("nobody/filter-rows")).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer some-other-token-of-enough-length")]
    [InlineData("Basic bm9ib2R5Ondyb25n")]
    [InlineData("Basic ???")]
    [InlineData("Digest x")]
    public async Task Without_a_known_token_nobody_publishes(string? authorization)
    {
        var before = await StoredThings.InAsync(_host);
        (string, string)[] headers = authorization is null ? [] : [("Authorization", authorization)];
        var answer = await _host.Anonymous.SendAsync(HttpMethod.Put, "/api/v1/components/acme/filter/versions/1.0.0",
            new Multipart().Source("component.yaml", Samples.ExistingImage()).ToContent(), headers);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal("unauthorized", answer["type"]);
        Assert.NotEmpty(answer.Message.Headers.WwwAuthenticate);
        Assert.Equal(before, await StoredThings.InAsync(_host));
    }

    [Fact]
    public async Task A_token_may_come_as_the_password_of_Basic()
    {
        var basic = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("anyone:" + RegistryHost.AdminToken));
        var answer = await _host.Anonymous.SendAsync(HttpMethod.Put, "/api/v1/components/basic/greet/versions/1.0.0",
            new Multipart().Source("component.yaml", Samples.ExistingImage()).ToContent(), ("Authorization", "Basic " + basic));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1.x")]
    [InlineData("01.2.3")]
    [InlineData("1.2.3+build")]
    [InlineData("v1.2.3")]
    [InlineData("latest")]
    [InlineData("1.2.3.4")]
    public async Task A_version_that_is_not_semantic_is_refused(string version)
    {
        var answer = await _host.PublishAsync("refused", "greet", version, ("component.yaml", Samples.ExistingImage()));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("bad-version", answer["type"]);
        Assert.Contains("1.2.0", answer["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api")]
    [InlineData("v2")]
    [InlineData("connector")]
    [InlineData("Upper")]
    [InlineData("a--b")]
    [InlineData("-a")]
    [InlineData("a_b")]
    [InlineData("forty-characters-are-one-more-than-a-name-")]
    public async Task A_reserved_or_wrong_namespace_is_refused(string space)
    {
        var answer = await _host.PublishAsync(space, "greet", "1.0.0", ("component.yaml", Samples.ExistingImage()));
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal("namespace-invalid", answer["type"]);
    }

    [Theory]
    [InlineData("versions")]
    [InlineData("blobs")]
    [InlineData("Greet")]
    public async Task A_reserved_or_wrong_name_is_refused(string name)
    {
        var answer = await _host.PublishAsync("refused", name, "1.0.0", ("component.yaml", Samples.ExistingImage()));
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
    }

    [Theory]
    [InlineData("colour", "red", "colour")]
    [InlineData("channel", "Not A Channel", "channel")]
    [InlineData("image", "not an image", "image")]
    [InlineData("breaking", "yes", "breaking")]
    [InlineData("outputs", "drop", "outputs")]
    [InlineData("displayName", "a\nb", "displayName")]
    [InlineData("message", "a\0b", "message")]
    public async Task A_field_that_is_unknown_or_wrong_is_named(string field, string value, string named)
    {
        var before = await StoredThings.InAsync(_host);
        var answer = await _host.PublishAsync("refused", "greet", "1.0.0",
            new Multipart().Source("component.yaml", Samples.ExistingImage()).Field(field, value));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal("bad-field", answer["type"]);
        Assert.Contains($"\"{named}\"", answer["detail"], StringComparison.Ordinal);
        Assert.Equal(before, await StoredThings.InAsync(_host));
    }

    [Fact]
    public async Task A_wait_beyond_the_limit_is_refused()
    {
        var answer = await _host.PostAsync("/api/v1/components/refused?wait=100000", new Multipart().Source("a.py", Samples.Script()));
        Assert.Equal("bad-query", answer["type"]);
    }
}
