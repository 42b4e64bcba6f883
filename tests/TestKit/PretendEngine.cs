using System.Net.Http.Headers;
using System.Text;
using Claimed.Registry.Builds;
using Claimed.Registry.Builds.Bases;
using Claimed.Registry.Builds.Engine;
using Claimed.Registry.Storage;

namespace Claimed.TestKit;

/// <summary>
/// An engine that makes an image of one small layer and pushes it as a real one does. The first builds wait for each other behind their
/// push, so that they end in the same moment.
/// </summary>
public sealed class PretendEngine(int together) : IImageBuilder, IDisposable
{
    private static readonly byte[] Config = """{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();
    private readonly HttpClient _client = new();
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _pushed;
    private string? _pulled;

    /// <summary>Ends when the first builds have pushed; from then on they end.</summary>
    public Task AllPushed => _all.Task.WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>The layers of the image of a build; by default one that differs from build to build and is no archive.</summary>
    public Func<BuildJob, IReadOnlyList<byte[]>> Layers { get; set; } = job => [Encoding.UTF8.GetBytes(job.Reference)];

    /// <summary>Called when an image lies in the registry, before the build goes on.</summary>
    public Action? Pushed { get; set; }

    /// <summary>What it makes images for.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = ["linux/amd64"];

    public Task<EngineState> CheckAsync(CancellationToken cancellation) => Task.FromResult(new EngineState("pretend", "1", "1.41", Platforms[0], Platforms));

    /// <summary>Has every image, and each time another one, so that no two builds have the same recipe.</summary>
    public Task<HeldImage?> FindAsync(string reference, CancellationToken cancellation) =>
        Task.FromResult<HeldImage?>(new HeldImage(Digest.Of(Guid.CreateVersion7().ToByteArray()), [], [reference], _pulled ?? Platforms[0]));

    /// <summary>As at an engine, a name is that of the image that was fetched last.</summary>
    public Task PullAsync(string reference, string? platform, PushAccount? account, Action<string> log, CancellationToken cancellation)
    {
        _pulled = platform;
        return Task.CompletedTask;
    }

    public Task NameAsync(string reference, string name, CancellationToken cancellation) => Task.CompletedTask;

    public Task<System.Net.IPAddress?> BridgeAsync(string? network, CancellationToken cancellation) => Task.FromResult<System.Net.IPAddress?>(null);

    public async Task<BuiltImage> BuildAsync(BuildJob job, OpenContext context, Action<string> log, CancellationToken cancellation)
    {
        await using var stream = await context(cancellation);
        await stream.CopyToAsync(Stream.Null, cancellation);
        return new BuiltImage(Digest.Of(Config), Config.Length);
    }

    public async Task<string?> PushAsync(BuildJob job, PushAccount account, Action<string> log, CancellationToken cancellation)
    {
        var slash = job.Reference.IndexOf('/');
        var colon = job.Reference.LastIndexOf(':');
        var repository = $"http://{job.Reference[..slash]}/v2/{job.Reference[(slash + 1)..colon]}";
        var layers = Layers(job);
        foreach (var blob in (byte[][])[.. layers, Config])
            await SendAsync(HttpMethod.Post, $"{repository}/blobs/uploads/?digest={Digest.Of(blob)}", blob, "application/octet-stream", account.Password, cancellation);
        const string type = "application/vnd.oci.image.manifest.v1+json";
        var manifest = Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"{{type}}",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest.Of(Config)}}","size":{{Config.Length}}},
             "layers":[{{string.Join(',', layers.Select(layer => $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{Digest.Of(layer)}}","size":{{layer.Length}}}"""))}}]}
            """);
        await SendAsync(HttpMethod.Put, $"{repository}/manifests/{job.Reference[(colon + 1)..]}", manifest, type, account.Password, cancellation);
        Pushed?.Invoke();
        if (Interlocked.Increment(ref _pushed) == together)
            _all.SetResult();
        await _all.Task.WaitAsync(cancellation);
        return Digest.Of(manifest);
    }

    public Task<Stream> SaveAsync(BuildJob job, CancellationToken cancellation) => throw new NotSupportedException("A pretended engine has nothing to read.");

    public Task<IReadOnlyList<string>> TriggersAsync(string id, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task TidyAsync(Func<CancellationToken, Task<BuildsUnderWay>> builds, CancellationToken cancellation) => Task.CompletedTask;

    public Task RemoveAsync(BuildJob job, CancellationToken cancellation) => Task.CompletedTask;

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(HttpMethod method, string url, byte[] bytes, string type, string token, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, url) { Content = Multipart.Content(bytes, type) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _client.SendAsync(request, cancellation);
        if (!answer.IsSuccessStatusCode)
            throw new EngineUnavailableException($"The engine could not push the image: {await answer.Content.ReadAsStringAsync(cancellation)}");
    }
}
