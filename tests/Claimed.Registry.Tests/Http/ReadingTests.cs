using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Http;

[Trait("Database", "any")]
public sealed class ReadingTests(ReadingTests.Published registry) : IClassFixture<ReadingTests.Published>
{
    /// <summary>read/ready: 1.0.0 ready; read/queued: 1.0.0 with build 1.</summary>
    public sealed class Published : SharedRegistry, IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await base.InitializeAsync();
            await Host.PublishReadyAsync("read", "ready", "1.0.0");
            await Host.PublishAsync("read", "queued", "1.0.0", ("step.py", Samples.Script()));
        }
    }

    private readonly RegistryHost _host = registry.Host;

    public static TheoryData<string> Documents =>
    [
        "/api/v1/components", "/api/v1/components/read/ready", "/api/v1/components/read/ready/versions", "/api/v1/components/read/ready/versions/latest",
        "/api/v1/components/read/ready/channels", "/api/v1/components/read/ready/channels/latest", "/api/v1/builds", "/api/v1/builds/1", "/api/v1/builds/1/log",
        "/api/v1/events", "/api/v1/namespaces", "/api/v1/namespaces/read",
        "/api/v1/digests/sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "/catalogs/elyra/read/catalog.json",
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Whatever_is_read_has_HEAD_a_strong_tag_and_304(string path)
    {
        var full = await _host.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, full.Status);
        Assert.Matches("^\"sha256:[0-9a-f]{64}\"$", full.ETag);
        var head = await _host.Anonymous.SendAsync(HttpMethod.Head, path);
        Assert.Equal((HttpStatusCode.OK, full.ETag, full.ContentType), (head.Status, head.ETag, head.ContentType));
        Assert.Empty(head.Bytes);
        Assert.Equal(HttpStatusCode.NotModified, (await _host.GetAsync(path, ("If-None-Match", full.ETag!))).Status);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Health_takes_HEAD_too(string path) => Assert.Equal(HttpStatusCode.OK, (await _host.Anonymous.SendAsync(HttpMethod.Head, path)).Status);

    [Fact]
    public async Task HEAD_of_a_log_that_is_followed_ends_at_once() => Assert.Equal(HttpStatusCode.OK,
        (await _host.Anonymous.SendAsync(HttpMethod.Head, "/api/v1/builds/1/log", null, ("Accept", "text/event-stream"))).Status);

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, "not-found")]
    [InlineData("GET", "/api/v1/builds/one", 404, "not-found")]
    [InlineData("DELETE", "/api/v1/components", 405, "method-not-allowed")]
    [InlineData("PATCH", "/api/v1/events", 405, "method-not-allowed")]
    [InlineData("GET", "/api/v1/components?limit=many", 400, "bad-request")]
    public async Task What_the_framework_refuses_is_a_problem_in_our_words(string method, string path, int status, string type)
    {
        var answer = await _host.Admin.SendAsync(new HttpMethod(method), path);
        Assert.Equal((status, type, "application/problem+json"), ((int)answer.Status, answer["type"], answer.ContentType));
        Assert.NotEqual("", answer["detail"]);
    }
}
