using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Claimed.TestKit;

/// <summary>A span as a collector got it.</summary>
/// <param name="ParentId">Empty for the first span of a trace.</param>
public sealed record ReceivedSpan(string TraceId, string SpanId, string ParentId, string Name, string Scope);

/// <summary>A collector for OTLP over HTTP with protobuf bodies; keeps what it gets.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, string? ContentType, byte[] Body)> _posts = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();

    private OtlpCollector(WebApplication app) => _app = app;

    /// <summary>Settings of a registry that sends here often.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
    };

    public IReadOnlyCollection<(string Path, string? ContentType, byte[] Body)> Posts => [.. _posts];

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var collector = new OtlpCollector(app);
        app.Run(collector.TakeAsync);
        await app.StartAsync();
        return collector;
    }

    /// <summary>Waits until what has come is enough; long, since a build may be part of it.</summary>
    public async Task UntilAsync(Func<OtlpCollector, bool> isEnough)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!isEnough(this))
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"Not enough came: {string.Join(", ", Posts.Select(post => post.Path).Distinct())}; spans {string.Join(", ", Spans.Select(span => span.Name).Distinct())}");
            await timer.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var post = (Path: context.Request.Path.Value ?? "", context.Request.ContentType, Body: body.ToArray());
        // Read once, as it comes: whoever waits looks many times.
        foreach (var span in post.Path == "/v1/traces" ? SpansIn(post.Body) : [])
            _spans.Enqueue(span);
        _posts.Enqueue(post);
        context.Response.ContentType = "application/x-protobuf";
    }

    // ExportTraceServiceRequest: resource_spans (1) → scope_spans (2) → scope (1) and spans (2).
    private static IEnumerable<ReceivedSpan> SpansIn(byte[] request) =>
        from resource in Protobuf.Read(request).All(1)
        from scope in Protobuf.Read(resource).All(2)
        let fields = Protobuf.Read(scope)
        let name = fields.All(1).Select(each => Protobuf.Read(each).Text(1)).FirstOrDefault("")
        from span in fields.All(2).Select(Protobuf.Read)
        select new ReceivedSpan(span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), name);
}
