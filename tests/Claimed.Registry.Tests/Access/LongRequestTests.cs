using System.Net;
using System.Net.Http.Headers;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>A right that ends while a request is under way ends for that request too.</summary>
[Trait("Database", "any")]
public sealed class LongRequestTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private RegistryHost Host => registry.Host;

    [Fact]
    public async Task A_token_that_is_revoked_while_the_files_come_publishes_nothing()
    {
        await Host.CreateNamespaceAsync("slow-token", isPrivate: false, ("ada", "publisher"));
        var (status, _) = await PublishAsync("slow-token", await Host.TokenAsync("ada"), () => Host.Admin.SendAsync(HttpMethod.Put, "/api/v1/users/ada",
            new StringContent("""{"disabled": true}""", System.Text.Encoding.UTF8, "application/json")));
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal(HttpStatusCode.NotFound, (await Host.ComponentAsync("slow-token/tool")).Status);
    }

    [Fact]
    public async Task A_role_that_is_taken_while_the_files_come_publishes_nothing()
    {
        await Host.CreateNamespaceAsync("slow-role", isPrivate: false, ("bob", "publisher"));
        var (status, type) = await PublishAsync("slow-role", await Host.TokenAsync("bob"), () => Host.Admin.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/slow-role/members/user/bob"));
        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (status, type));
        Assert.Equal(HttpStatusCode.NotFound, (await Host.ComponentAsync("slow-role/tool")).Status);
    }

    [Fact]
    public async Task A_namespace_that_is_deleted_while_the_files_come_does_not_come_back()
    {
        await Host.CreateNamespaceAsync("slow-gone", isPrivate: true, ("eve", "publisher"));
        var (status, _) = await PublishAsync("slow-gone", await Host.TokenAsync("eve"), () => Host.Admin.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/slow-gone"));
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal(HttpStatusCode.NotFound, (await Host.Admin.SendAsync(HttpMethod.Get, "/api/v1/namespaces/slow-gone")).Status);
    }

    [Fact]
    public async Task Deleting_a_namespace_and_publishing_into_it_at_once_leaves_both_or_neither()
    {
        await Host.CreateNamespaceAsync("meeting-place", isPrivate: false, ("kim", "publisher"));
        using var kim = Host.With(await Host.TokenAsync("kim"));
        for (var round = 0; round < 20; round++)
        {
            var space = $"meeting-{round}";
            await Host.CreateNamespaceAsync(space, isPrivate: true, ("kim", "publisher"));
            var publishing = kim.SendAsync(HttpMethod.Put, $"/api/v1/components/{space}/tool/versions/1.0.0", Body().ToContent());
            var deleting = Host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{space}");
            var (published, deleted) = ((await publishing).Status, (await deleting).Status);
            Assert.True((published, deleted) is (HttpStatusCode.Created, HttpStatusCode.Conflict) or (HttpStatusCode.NotFound, HttpStatusCode.NoContent), $"{published} {deleted}");
            var there = await Host.Admin.SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{space}");
            Assert.Equal(published == HttpStatusCode.Created ? "private" : null, there["visibility"]);
        }
    }

    [Fact]
    public async Task A_log_that_is_followed_breaks_off_and_a_wait_for_events_tells_nothing_once_the_token_is_revoked()
    {
        await Host.CreateNamespaceAsync("slow-read", isPrivate: true, ("joe", "reader"));
        var build = (await Host.PublishAsync("slow-read", "built", "1.0.0", ("built.py", "print(1)")))["build.id"]!;
        var serial = (await Host.Admin.SendAsync(HttpMethod.Get, "/api/v1/events?limit=500"))["next"];
        var made = await Host.Admin.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "laptop", user = "joe", scopes = new[] { "pull" } });
        using var joe = Host.With(made["token"]!);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/builds/{build}/log") { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/event-stream") } } };
        using var following = await joe.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, following.StatusCode);
        var waiting = joe.SendAsync(HttpMethod.Get, $"/api/v1/events?after={serial}&wait=20&limit=500");
        Assert.Equal(HttpStatusCode.NoContent, (await Host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/tokens/{made["id"]}")).Status);
        // Ends by itself, though the build still waits for a builder.
        Assert.DoesNotContain("event: end", await following.Content.ReadAsStringAsync().WaitAsync(TimeSpan.FromSeconds(10)), StringComparison.Ordinal);
        await Host.PublishReadyAsync("slow-read", "later", "1.0.0");
        Assert.DoesNotContain("slow-read", (await waiting).Text, StringComparison.Ordinal);
    }

    private static Multipart Body() => new Multipart().Source("component.yaml", Samples.ExistingImage("slow"));

    /// <summary>Publishes, and has something happen after half of the body was sent.</summary>
    private async Task<(HttpStatusCode Status, string? Type)> PublishAsync(string space, string token, Func<Task<Answer>> meanwhile)
    {
        var bytes = Body().ToBytes();
        using var client = Host.With(token);
        var content = new HalvedContent(bytes, async () => Assert.InRange((int)(await meanwhile()).Status, 200, 299));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/form-data; boundary={Multipart.Boundary}");
        var answer = await client.SendAsync(HttpMethod.Put, $"/api/v1/components/{space}/tool/versions/1.0.0", content);
        return (answer.Status, answer["type"]);
    }

    private sealed class HalvedContent(byte[] bytes, Func<Task> between) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(..(bytes.Length / 2)));
            await stream.FlushAsync();
            await between();
            await stream.WriteAsync(bytes.AsMemory((bytes.Length / 2)..));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
