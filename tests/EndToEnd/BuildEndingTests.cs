using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>How builds end, and how people watch and stop them.</summary>
public sealed class BuildEndingTests(RegistryWithEngine registry)
{
    [Fact]
    public async Task A_Dockerfile_that_fails_ends_as_failed_with_the_step_and_a_retry_makes_a_new_build()
    {
        var version = await PublishAsync(registry.Host, "acme/fails", "RUN echo before && exit 3");

        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains("exit 3", (string?)version["reason"], StringComparison.Ordinal);
        var id = (long)version["build"]!["id"]!;
        var log = await registry.Host.Anonymous.GetStringAsync($"api/v1/builds/{id}/log");
        Assert.Contains("before", log, StringComparison.Ordinal);
        using var form = await registry.Host.Anonymous.GetAsync("api/v1/components/acme/fails/versions/1.0.0/component.yaml");
        Assert.Equal(HttpStatusCode.NotFound, form.StatusCode);

        using var retried = await registry.Host.Admin.PostAsync($"api/v1/builds/{id}/retry", null);
        var next = (await retried.Content.ReadFromJsonAsync<JsonNode>())!;

        Assert.Equal(HttpStatusCode.Accepted, retried.StatusCode);
        Assert.NotEqual(id, (long)next["id"]!);
        Assert.Equal("failed", await StateAtEndAsync(registry.Host, (long)next["id"]!));
    }

    [Fact]
    public async Task A_build_that_hangs_ends_as_failed_because_it_was_silent()
    {
        var (host, _) = await registry.StartAsync(new Dictionary<string, string> { ["Builds:IdleTimeout"] = "00:00:03" });
        await using var disposed = host;

        var version = await PublishAsync(host, "acme/hangs", "RUN sleep 1000");

        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains("silent for 3 seconds", (string?)version["reason"], StringComparison.Ordinal);
        await NoContainerRunsAsync();
    }

    [Fact]
    public async Task A_running_build_is_watched_live_and_cancelled()
    {
        var publishing = PublishAsync(registry.Host, "acme/slow", "RUN echo started && sleep 1000");
        var id = await RunningBuildAsync("acme/slow");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/v1/builds/{id}/log");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var stream = await registry.Host.Anonymous.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        var seen = "";
        string? end = null;
        await foreach (var item in SseParser.Create(await stream.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            if (item.EventType == "end")
                end = item.Data;
            var before = seen;
            seen += item.Data;
            if (seen.Contains("started", StringComparison.Ordinal) && !before.Contains("started", StringComparison.Ordinal))
            {
                using var cancelled = await registry.Host.Admin.PostAsync($"api/v1/builds/{id}/cancel", null);
                Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
            }
        }

        Assert.Equal("cancelled", end);
        var version = await publishing;
        Assert.Equal("failed", (string?)version["state"]);
        Assert.Contains("cancelled", (string?)version["reason"], StringComparison.Ordinal);
        await NoContainerRunsAsync();
    }

    private static Task<JsonNode> PublishAsync(RegistryHost host, string component, string step) => host.PublishAsync(component, "1.0.0",
    [
        ("component.yaml", System.Text.Encoding.UTF8.GetBytes(Samples.Step)),
        ("Dockerfile", System.Text.Encoding.UTF8.GetBytes($"FROM {BaseImages.Busybox}\n{step}\n")),
    ]);

    private async Task<long> RunningBuildAsync(string component)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var page = await registry.Host.Anonymous.GetFromJsonAsync<JsonNode>("api/v1/builds?state=building", limit.Token);
            var build = page!["items"]!.AsArray().FirstOrDefault(item => ((string?)item!["links"]!["version"])!.Contains(component, StringComparison.Ordinal));
            if (build is not null)
                return (long)build["id"]!;
            await NextEventAsync(registry.Host, limit.Token);
        }
    }

    private static async Task<string> StateAtEndAsync(RegistryHost host, long id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var build = (await host.Anonymous.GetFromJsonAsync<JsonNode>($"api/v1/builds/{id}", limit.Token))!;
            if (build["endedAt"] is not null)
                return (string)build["state"]!;
            await NextEventAsync(host, limit.Token);
        }
    }

    private static async Task NextEventAsync(RegistryHost host, CancellationToken cancellation)
    {
        var serial = 0L;
        while (await host.Anonymous.GetFromJsonAsync<JsonNode>($"api/v1/events?after={serial}&limit=500", cancellation) is { } page)
        {
            if (page["items"]!.AsArray().Count == 0)
                break;
            serial = long.Parse((string)page["next"]!);
        }
        await host.Anonymous.GetStringAsync($"api/v1/events?after={serial}&wait=1", cancellation);
    }

    private async Task NoContainerRunsAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await registry.Engine.DockerAsync("ps", "--quiet", "--no-trunc")).Succeeded().Length > 0)
            limit.Token.ThrowIfCancellationRequested();
    }
}
