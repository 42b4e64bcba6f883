using System.Diagnostics;
using Claimed.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Claimed.Benchmarks;

/// <summary>The least that Kestrel can do: a route, bytes in memory, their tag. It runs as a process of its own.</summary>
internal sealed class BareEndpoint : IAsyncDisposable
{
    private readonly Process _process;

    private BareEndpoint(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>What the child process does.</summary>
    public static Task RunAsync(int port, string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            var (bytes, tag) = (File.ReadAllBytes(file), $"\"{Registry.Storage.Digest.Of(File.ReadAllBytes(file))}\"");
            app.MapGet("/" + Path.GetFileName(file), async context =>
            {
                context.Response.Headers.ETag = tag;
                if (context.Request.Headers.IfNoneMatch == tag)
                {
                    context.Response.StatusCode = StatusCodes.Status304NotModified;
                    return;
                }
                context.Response.ContentType = "application/yaml";
                context.Response.ContentLength = bytes.Length;
                await context.Response.Body.WriteAsync(bytes);
            });
        }
        return app.RunAsync();
    }

    public static async Task<BareEndpoint> StartAsync(string folder)
    {
        var port = FreePorts.Next();
        var bare = new BareEndpoint(
            Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["bare", $"{port}", folder]))!, new Uri($"http://127.0.0.1:{port}"));
        await Listening.WaitAsync(bare.Address);
        return bare;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
