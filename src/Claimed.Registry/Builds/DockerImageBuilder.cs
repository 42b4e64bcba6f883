using System.Net.Sockets;
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Builds with Docker, or with Podman's Docker-compatible API.</summary>
public sealed partial class DockerImageBuilder(IOptions<BuildOptions> options, TimeProvider clock) : IImageBuilder, IDisposable
{
    private readonly BuildOptions _options = options.Value;

    // The deadline is ours (total and idle), so the client must not have one of its own.
    private readonly DockerClient _client = new DockerClientBuilder()
        .WithEndpoint(options.Value.EngineEndpoint).WithTimeout(Timeout.InfiniteTimeSpan).Build();

    public async Task<string> CheckAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            var version = await _client.System.GetVersionAsync(limit.Token);
            var podman = version.Components?.Any(part => part.Name.Contains("Podman", StringComparison.OrdinalIgnoreCase)) == true;
            return $"{(podman ? "podman" : "docker")} {version.Version} {version.Os}/{version.Arch}";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new EngineUnavailableException($"The container engine at {_options.EngineEndpoint} did not answer within 5 seconds.");
        }
        catch (Exception fault) when (IsConnectionFault(fault))
        {
            throw new EngineUnavailableException($"No container engine answers at {_options.EngineEndpoint} ({Innermost(fault)}). "
                + "Start Docker or Podman, or name another one with Builds__Endpoint.", fault);
        }
    }

    // Another build that shares a layer has ended, and the engine removed it with that image between two steps of this one. The next try makes it anew.
    private static readonly string[] LostLayer = ["No such image: sha256:", "unknown parent image ID", "layer does not exist", "layer not known"];
    private const int MaxTries = 3;

    public async Task BuildAsync(BuildJob job, OpenContext context, Action<string> log, CancellationToken cancellation)
    {
        await CallAsync(() => DependencyImages.TrimAsync(_client, _options.KeptDependencies, clock.GetUtcNow() - _options.KeepDependencies, cancellation));
        if (job.Dependencies is { } dockerfile && _options.KeptDependencies > 0)
        {
            var labels = new Dictionary<string, string> { [DependencyImages.Label] = "" };
            await MakeAsync(job, DependencyImages.NameOf(dockerfile, job.Platform ?? _options.Platform), labels, token => DependencyImages.ContextAsync(dockerfile, token), log, cancellation);
        }
        await MakeAsync(job, job.Reference, job.Labels.ToDictionary(), context, log, cancellation);
    }

    private async Task MakeAsync(BuildJob job, string name, Dictionary<string, string> labels, OpenContext context, Action<string> log, CancellationToken cancellation)
    {
        var parameters = new ImageBuildParameters
        {
            Tags = [name],
            Dockerfile = "Dockerfile",
            Labels = labels,
            NetworkMode = _options.NetworkMode,
            Memory = _options.Memory,
            MemorySwap = _options.Memory,
            Platform = job.Platform ?? _options.Platform,
            BuildArgs = job.Arguments.ToDictionary(),
            Remove = true,
            ForceRemove = true,
        };
        for (var tries = 1; ; tries++)
        {
            await using var stream = await context(cancellation);
            var watch = new BuildOutput(log);
            await CallAsync(() => _client.Images.BuildImageFromDockerfileAsync(parameters, stream, [], new Dictionary<string, string>(), watch, cancellation));
            if (watch.Error is null && watch.ImageId is not null)
                return;
            if (watch.Error is null)
                throw new EngineUnavailableException("The engine ended the build without an image and without an error.");
            var what = watch.Step is { } step ? $"{step} — {watch.Error}" : watch.Error;
            if (!LostLayer.Any(word => what.Contains(word, StringComparison.Ordinal)))
                throw new BuildFailedException(what) { Step = watch.Failed };
            if (tries == MaxTries)
                throw new EngineUnavailableException($"The engine lost a layer of its cache {MaxTries} times: {what}");
            log("Another build that ended took this layer with it; building again.\n");
        }
    }

    public async Task<string?> PushAsync(BuildJob job, PushAccount account, Action<string> log, CancellationToken cancellation)
    {
        var colon = job.Reference.LastIndexOf(':');
        var host = job.Reference[..job.Reference.IndexOf('/')];
        var watch = new BuildOutput(log);
        await CallAsync(() => _client.Images.PushImageAsync(job.Reference[..colon], new ImagePushParameters { Tag = job.Reference[(colon + 1)..] },
            new AuthConfig { Username = account.Username, Password = account.Password, ServerAddress = host }, watch, cancellation));
        if (watch.Error is { } error)
            throw new EngineUnavailableException($"The engine could not push the image to {host}: {error}");
        return watch.Pushed;
    }

    public Task RemoveAsync(BuildJob job, CancellationToken cancellation) =>
        CallAsync(() => _client.Images.DeleteImageAsync(job.Reference, new ImageDeleteParameters(), cancellation));

    private static async Task CallAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (DockerApiException refused) when ((int)refused.StatusCode is >= 400 and < 500)
        {
            throw new BuildFailedException($"The engine refused: {refused.Message}");
        }
        catch (Exception fault) when (IsConnectionFault(fault))
        {
            throw new EngineUnavailableException($"The container engine went away or failed: {Innermost(fault)}", fault);
        }
    }

    private static bool IsConnectionFault(Exception fault) =>
        fault is HttpRequestException or IOException or SocketException or TimeoutException or DockerApiException
        // A message that was cut in the middle.
        or System.Text.Json.JsonException
        // A refused TCP connection comes as one fault per address that was tried.
        or AggregateException { InnerException: SocketException };

    private static string Innermost(Exception fault) => fault.GetBaseException().Message;

    public void Dispose() => _client.Dispose();

    /// <summary>Follows the engine's messages. Synchronous on purpose: <c>Progress&lt;T&gt;</c> reports late and out of order.</summary>
    private sealed class BuildOutput(Action<string> log) : IProgress<JSONMessage>
    {
        public string? Error { get; private set; }

        public string? ImageId { get; private set; }

        /// <summary>Digest of the manifest that was pushed.</summary>
        public string? Pushed { get; private set; }

        /// <summary>The last step that began, such as <c>Step 3/8 : RUN make</c>.</summary>
        public string? Step { get; private set; }

        public FailedStep? Failed => Step is null ? null
            : new FailedStep(Step, Step[(Step.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(), ExitCode.Match(Error ?? "") is { Success: true } code && int.TryParse(code.Groups[1].ValueSpan, out var number) ? number : null, false);

        private static readonly System.Text.RegularExpressions.Regex ExitCode = new(@"(?:non-zero code:|exit status) (\d+)\s*\z");

        public void Report(JSONMessage value)
        {
            if (value.Error?.Message is { Length: > 0 } error)
            {
                Error = error;
                log(error + "\n");
            }
            if (value.Aux?.ExtensionData is { } aux)
            {
                if (aux.TryGetValue("ID", out var id))
                    ImageId = id.ToString();
                if (aux.TryGetValue("Digest", out var digest) && digest.ToString() is { } pushed && Storage.Digest.IsKnown(pushed))
                    Pushed = pushed;
            }
            if (value.Stream is { Length: > 0 } text)
            {
                if (text.StartsWith("Step ", StringComparison.Ordinal) || text.StartsWith("STEP ", StringComparison.Ordinal))
                    Step = text.TrimEnd();
                log(text);
            }
            else if (value.Status is { Length: > 0 } status && value.Progress is null)
            {
                log(value.ID is { Length: > 0 } layer ? $"{layer}: {status}\n" : status + "\n");
            }
        }
    }
}
