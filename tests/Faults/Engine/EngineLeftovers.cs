using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Images;
using Claimed.TestKit;
using Microsoft.Extensions.Options;

namespace Claimed.Faults.Engine;

/// <summary>What one registry has left at an engine, by the engine's own lists: images of builds and of single steps, containers, and Podman's pods.</summary>
public sealed class EngineLeftovers(ITestEngine engine, RegistryProcess registry) : IDisposable
{
    private readonly string _mark = new StepMark(Options.Create(new ImageOptions { PublicHost = $"127.0.0.1:{registry.Port}" })).Value;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(engine.Endpoint["unix://".Length..]), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://engine/"),
    };

    /// <summary>Waits until housekeeping has removed everything; what is still there at the limit.</summary>
    public async Task<IReadOnlyList<string>> AfterHousekeepingAsync()
    {
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        IReadOnlyList<string> left;
        while ((left = await ListAsync()).Count > 0 && Stopwatch.GetElapsedTime(began) < Patience.Limit)
            await timer.WaitForNextTickAsync();
        return left;
    }

    public async Task<IReadOnlyList<string>> ListAsync()
    {
        try
        {
            var left = new List<string>();
            left.AddRange((await AskAsync("images/json?all=1")).Where(IsOurs).Select(image => $"image {image.GetProperty("Id")} {image.GetProperty("RepoTags")}"));
            left.AddRange((await AskAsync("containers/json?all=1")).Where(IsOurs).Select(container => $"container {container.GetProperty("Id")}"));
            if (engine.Name == "podman")
                left.AddRange((await AskAsync("v4.0.0/libpod/pods/json")).Where(IsOurs).Select(pod => $"pod {pod.GetProperty("Id")}"));
            return left;
        }
        catch (HttpRequestException fault)
        {
            // Podman fails to list while an image is being removed.
            return [$"(the engine did not list: {fault.Message})"];
        }
    }

    public void Dispose() => _client.Dispose();

    private bool IsOurs(JsonElement thing) => thing.GetProperty("Labels") is { ValueKind: JsonValueKind.Object } labels
        && labels.TryGetProperty(StepMark.Label, out var mark) && (mark.GetString() == _mark || mark.GetString() == _mark + "-image");

    private async Task<IReadOnlyList<JsonElement>> AskAsync(string path)
    {
        var list = JsonElement.Parse(await _client.GetByteArrayAsync(path));
        return list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];
    }
}
