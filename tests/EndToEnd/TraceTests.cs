using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>What a collector sees of a publish and its build.</summary>
[Trait("Database", "own")]
public sealed class TraceTests(RegistryWithEngine registry)
{
    private const string Component = "{name: Traced, implementation: {container: {image: '', command: [/traced]}}}\n";
    private const string Path = "/api/v1/components/acme/traced/versions/";

    private static readonly string[] _steps = ["build.context", "build.bases", "build.engine", "build.push", "build.finish"];

    [Fact]
    public async Task One_trace_follows_a_publish_to_its_ready_image()
    {
        await using var collector = await OtlpCollector.StartAsync();
        // A process of its own: what this test sends and the collector takes is traced by nobody.
        await using var host = await RegistryProcess.StartAsync(With(registry.Engine.Settings, collector));

        var answer = await host.Admin.SendAsync(HttpMethod.Put, Path + "1.0.0?wait=300&key=hidden-in-the-query",
            Upload());

        Assert.Equal("ready", answer["state"]);
        await collector.UntilAsync(here => _steps.Append("build").All(name => here.Spans.Any(span => span.Name == name)) && here.Spans.Any(IsPublish));
        var spans = collector.Spans;
        var publish = spans.Single(IsPublish);
        var trace = spans.Where(span => span.TraceId == publish.TraceId).ToList();
        var build = trace.Single(span => span.Name == "build");
        Assert.Equal("", publish.ParentId);
        Assert.Equal(publish.SpanId, build.ParentId);
        Assert.Equal(publish.SpanId, trace.Single(span => span.Name == "build.request").ParentId);
        Assert.Equal(_steps, trace.Where(span => span.ParentId == build.SpanId && span.Scope == "Claimed.Registry").Select(span => span.Name));
        await collector.UntilAsync(here => here.Posts.Any(post => post.Path == "/v1/metrics"));
        Assert.All(collector.Posts, post => Assert.Equal("application/x-protobuf", post.ContentType));
        AssertNothingSecret(collector);
        var metrics = await host.Anonymous.SendAsync(HttpMethod.Get, "/metrics");
        Assert.Contains("claimed_build_duration_seconds_count{outcome=\"succeeded\"} 1\n", metrics.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trace_goes_on_after_a_restart_and_starts_with_the_publishers_own()
    {
        await using var collector = await OtlpCollector.StartAsync();
        using var data = new Workspace();
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await using (var before = await RegistryProcess.StartAsync(collector.Settings, data.Folder))
        {
            var answer = await before.Admin.SendAsync(HttpMethod.Put, Path + "2.0.0", Upload(),
                ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"));
            Assert.Equal("queued", answer["state"]);
            await before.StopAsync();
        }
        await using var after = await RegistryProcess.StartAsync(With(registry.Engine.Settings, collector), data.Folder);

        await collector.UntilAsync(here => here.Spans.Any(span => span.Name == "build"));
        var spans = collector.Spans.Where(span => span.TraceId == trace).ToList();
        Assert.Equal("00f067aa0ba902b7", spans.Single(IsPublish).ParentId);
        Assert.Equal(spans.Single(IsPublish).SpanId, spans.Single(span => span.Name == "build").ParentId);
        Assert.Equal(_steps, spans.Select(span => span.Name).Where(_steps.Contains));
    }

    [Fact]
    public async Task Statements_and_messages_belong_to_the_trace_and_all_figures_reach_the_collector()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        await using var broker = await RabbitMqServer.StartAsync();
        var settings = With(registry.Engine.Settings, collector);
        settings["Database:Provider"] = "Postgres";
        settings["Database:ConnectionString"] = await postgres.CreateDatabaseAsync();
        settings["Bus:Transport"] = "RabbitMq";
        settings["Bus:Uri"] = broker.Uri;
        await using var host = new RegistryProcess(settings);
        (await host.RunWordAsync("keys")).Succeeded();
        await host.StartAsync();

        var answer = await host.Admin.SendAsync(HttpMethod.Put, Path + "3.0.0?wait=300", Upload());

        Assert.Equal("ready", answer["state"]);
        await collector.UntilAsync(here => here.Spans.SingleOrDefault(IsPublish) is { } publish && here.Spans.Where(span => span.TraceId == publish.TraceId).ToList() is var trace
            && _steps.All(name => trace.Exists(span => span.Name == name))
            && trace.Exists(span => span.Scope == "Npgsql") && trace.Exists(span => span.Scope == "MassTransit"));
        string[] figures = ["http.server.request.duration", "db.client.operation.duration", "dotnet.gc.collections", "messaging.masstransit.send",
            "claimed.publishes", "claimed.build.queue.age", "claimed.build.duration", "claimed.snapshot.age"];
        await collector.UntilAsync(here =>
        {
            var sent = here.Posts.Where(post => post.Path == "/v1/metrics").Select(post => Encoding.Latin1.GetString(post.Body)).ToList();
            return figures.All(name => sent.Any(text => text.Contains(name, StringComparison.Ordinal)));
        });
    }

    // Each registry here is a new one, which would get all layers of a base image.
    private static HttpContent Upload() => new Multipart().Source("component.yaml", Component).Source("Dockerfile", "FROM scratch\nCOPY component.yaml /\n").ToContent();

    private static bool IsPublish(ReceivedSpan span) => span.Name.StartsWith("PUT /api/v1/components/", StringComparison.Ordinal);

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> settings, OtlpCollector collector) => new(settings.Concat(collector.Settings));

    private static void AssertNothingSecret(OtlpCollector collector)
    {
        foreach (var (_, _, body) in collector.Posts)
        {
            var text = Encoding.Latin1.GetString(body);
            Assert.DoesNotContain(RegistryHost.AdminToken, text, StringComparison.Ordinal);
            Assert.DoesNotContain("hidden-in-the-query", text, StringComparison.Ordinal);
        }
        Assert.Contains(collector.Posts, post => Encoding.Latin1.GetString(post.Body).Contains("Redacted", StringComparison.Ordinal));
    }
}
