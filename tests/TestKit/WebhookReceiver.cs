using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Claimed.TestKit;

/// <summary>One delivery as it came.</summary>
public sealed record Received(IReadOnlyDictionary<string, string> Headers, byte[] Bytes)
{
    public JsonElement Body { get; } = JsonDocument.Parse(Bytes).RootElement.Clone();

    public string Kind => Headers["X-Claimed-Event"];

    public string Id => Headers["X-Claimed-Delivery"];

    public long Serial => Body.GetProperty("serial").GetInt64();

    public string Subject => Body.GetProperty("subject").GetString()!;
}

/// <summary>An address on loopback that takes deliveries of webhooks, keeps them in order, and answers as it is told.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private ImmutableList<Received> _all = [];
    private TaskCompletionSource _came = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary><c>http://127.0.0.1:port/hook</c>.</summary>
    public string Url { get; private set; } = "";

    public int Port => new Uri(Url).Port;

    /// <summary>Everything that came, first to last, also what was answered with a fault.</summary>
    public IReadOnlyList<Received> All => _all;

    /// <summary>Answers a delivery; 204 to all as long as nothing is set.</summary>
    public Func<HttpContext, Received, Task> Answer { get; set; } = (context, _) =>
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    };

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        receiver.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/hook";
        return receiver;
    }

    /// <summary>Returns when what came is so; throws with what came after half a minute.</summary>
    public async Task<IReadOnlyList<Received>> UntilAsync(Func<IReadOnlyList<Received>, bool> isRight)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var next = Volatile.Read(ref _came).Task;
            var all = All;
            if (isRight(all))
                return all;
            try
            {
                await next.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Came: {string.Join(", ", all.Select(one => $"{one.Serial} {one.Kind} {one.Subject}"))}");
            }
        }
    }

    public Task<IReadOnlyList<Received>> UntilAsync(int count) => UntilAsync(all => all.Count >= count);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(0);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var received = new Received(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        ImmutableInterlocked.Update(ref _all, all => all.Add(received));
        Interlocked.Exchange(ref _came, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        await Answer(context, received);
    }
}
