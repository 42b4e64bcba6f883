using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Claimed.Components.Sources.Dockerfiles;
using Claimed.Registry.Builds.Engine;
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds;

/// <summary>Builds with Docker, or with Podman's Docker-compatible API.</summary>
public sealed partial class DockerImageBuilder : IImageBuilder, IDisposable
{
    private const int MaxTries = 3;
    private const int CpuPeriod = 100_000;
    private static readonly TimeSpan CheckLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan VersionLimit = TimeSpan.FromMinutes(2);

    private readonly BuildOptions _options;
    private readonly StepMark _mark;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly EngineConnection _engine;
    private readonly DockerClient _client;
    private volatile bool _isPodman;
    private volatile EngineState? _seen;
    private readonly Lock _asks = new();
    private Task<EngineState>? _asked;
    private readonly Sightings _seenThings = new();

    public DockerImageBuilder(IOptions<BuildOptions> options, StepMark mark, TimeProvider clock, ILogger<DockerImageBuilder> logger)
    {
        (_options, _mark, _clock, _logger) = (options.Value, mark, clock, logger);
        _engine = new EngineConnection(_options);
        _client = _engine.Docker;
    }

    public async Task<EngineState> CheckAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(CheckLimit);
        try
        {
            // Podman starts programs to say its version, which takes its time while it builds.
            await _client.System.PingAsync(limit.Token);
            return _seen ??= await AskedAsync().WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Away($"The container engine at {_options.EngineEndpoint} did not answer within {CheckLimit.TotalSeconds:0} seconds.");
        }
        catch (Exception fault) when (IsConnectionFault(fault))
        {
            return Away($"No container engine answers at {_options.EngineEndpoint} ({Innermost(fault)}). Start Docker or Podman, or name another one with Builds__Endpoint.");
        }
    }

    /// <summary>
    /// One question for the version at a time, whoever stops waiting for it. Podman goes on with one that nobody waits for any more, so that asking anew
    /// would have ever more programs run on a machine that is busy already.
    /// </summary>
    private Task<EngineState> AskedAsync()
    {
        lock (_asks)
        {
            return _asked is { IsCompleted: false } ? _asked : _asked = AskAsync();
        }

        async Task<EngineState> AskAsync()
        {
            using var limit = new CancellationTokenSource(VersionLimit, _clock);
            return await StateAsync(limit.Token);
        }
    }

    private async Task<EngineState> StateAsync(CancellationToken cancellation)
    {
        var version = await _client.System.GetVersionAsync(cancellation);
        _isPodman = version.Components?.Any(part => part.Name.Contains("Podman", StringComparison.OrdinalIgnoreCase)) == true;
        var platform = Claimed.Components.Platforms.Normal($"{version.Os}/{version.Arch}");
        return new EngineState(_isPodman ? "podman" : "docker", version.Version, version.APIVersion, platform,
            [.. _options.Platforms.Select(Claimed.Components.Platforms.Normal).Prepend(platform).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>It may come back as another one.</summary>
    private EngineState Away(string fault)
    {
        _seen = null;
        return EngineState.Away(fault);
    }

    public async Task<BuiltImage> BuildAsync(BuildJob job, OpenContext context, Action<string> log, CancellationToken cancellation)
    {
        await CallAsync(() => DependencyImages.TrimAsync(new StepImages(_client, _mark), _options.KeptDependencies, _clock.GetUtcNow() - _options.KeepDependencies, cancellation));
        if (job.Dependencies is { } dockerfile && _options.KeptDependencies > 0)
        {
            var marked = _mark.Put(dockerfile);
            await MakeAsync(job, DependencyImages.NameOf(marked, job.Platform ?? _options.Platform), DependencyImages.Label, marked, token => DependencyImages.ContextAsync(marked, token), log, cancellation);
        }
        var id = await MakeAsync(job, job.Reference, null, job.Dockerfile, context, log, cancellation);
        return new BuiltImage(id, await WithinAsync(job, LimitsOf(job).ImageBytes, cancellation));
    }

    public Task RemoveAsync(BuildJob job, CancellationToken cancellation) =>
        CallAsync(() => new StepImages(_client, _mark).RemoveAsync(job.Reference, cancellation));

    public async Task TidyAsync(Func<CancellationToken, Task<BuildsUnderWay>> builds, CancellationToken cancellation)
    {
        if ((await CheckAsync(cancellation)).Fault is null)
            await CallAsync(() => new EngineTidying(_engine, _mark, _seenThings, builds).RunAsync(_isPodman, _options.CacheBytes, cancellation));
    }

    private JobLimits LimitsOf(BuildJob job) => job.Limits ?? JobLimits.Of(_options);

    private async Task<string> MakeAsync(BuildJob job, string name, string? label, string? dockerfile, OpenContext context, Action<string> log, CancellationToken cancellation)
    {
        var isAnew = dockerfile is not null && (job.Platform ?? _options.Platform) is not null && BeginsWithNothing(dockerfile);
        for (var tries = 1; ; tries++)
        {
            await using var stream = await context(cancellation);
            var limits = LimitsOf(job);
            var pids = new StepPids(_client, _mark, limits.Pids);
            BuildOutput watch;
            await using (var alive = Watch(cancellation))
            {
                watch = new BuildOutput(log, dockerfile) { ContainerMade = container => pids.Bound(container, alive.Token) };
                var pod = await PodAsync(limits, log, alive.Token);
                try
                {
                    var content = new StreamContent(stream) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
                    await alive.GuardAsync(() => CallAsync(() => _engine.FollowAsync(PathFor(job, name, label, isAnew, limits, pod), content, null, watch.Report, alive.Token)));
                }
                finally
                {
                    await pids.EndAsync();
                    if (pod is not null)
                        await pod.RemoveAsync();
                }
            }
            if (watch.Error is null)
                return watch.ImageId ?? throw new EngineUnavailableException("The engine ended the build without an image and without an error.");
            if (!EngineFaults.IsLostLayer(watch.Error))
                throw await FaultAsync(watch, limits, cancellation);
            if (tries == MaxTries)
                throw new EngineUnavailableException($"The engine lost a layer of its cache {MaxTries} times: {What(watch)}");
            log("Another build that ended took this layer with it; building again.\n");
        }
    }

    /// <summary>Of a stage that does, the classic builder's cache holds the steps of any platform for those of all.</summary>
    private static bool BeginsWithNothing(string dockerfile)
    {
        var reading = DockerfileReading.Read(dockerfile);
        return reading.Instructions.Any(instruction => instruction.Keyword == "FROM" && reading.IsEmpty(instruction));
    }

    /// <summary>Everything that a build asks for. Nothing here gives a step more than an ordinary container has: no privileges, no devices, no mounts.</summary>
    private string PathFor(BuildJob job, string name, string? label, bool isAnew, JobLimits limits, PodmanPod? pod)
    {
        var query = new StringBuilder("build?dockerfile=Dockerfile&rm=1&forcerm=1");
        void Add(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                query.Append('&').Append(key).Append('=').Append(Uri.EscapeDataString(value));
        }
        Add("t", name);
        Add("nocache", isAnew ? "1" : null);
        // Podman 4 puts it on every step.
        Add("labels", label is null ? null : JsonSerializer.Serialize(new Dictionary<string, string> { [label] = "" }));
        Add("networkmode", _isPodman ? PodmanNamespaces.ModeOf(_options.NetworkMode) : _options.NetworkMode);
        Add("platform", job.Platform ?? _options.Platform);
        if (job.Arguments.Count > 0)
            Add("buildargs", JsonSerializer.Serialize(job.Arguments));
        Add("cgroupparent", pod?.ControlGroup);
        Add("nsoptions", _isPodman ? PodmanNamespaces.Of(_options.NetworkMode, pod?.Processes) : null);
        // The pod has them already.
        if (pod?.ControlGroup is not null)
            return query.ToString();
        Add("memory", limits.Memory.ToString(CultureInfo.InvariantCulture));
        Add("memswap", limits.Memory.ToString(CultureInfo.InvariantCulture));
        if (limits.Cpus > 0)
        {
            Add("cpuperiod", CpuPeriod.ToString(CultureInfo.InvariantCulture));
            Add("cpuquota", ((long)(limits.Cpus * CpuPeriod)).ToString(CultureInfo.InvariantCulture));
        }
        return query.ToString();
    }

    /// <summary>Null for Docker, and for a Podman that makes none.</summary>
    private async Task<PodmanPod?> PodAsync(JobLimits limits, Action<string> log, CancellationToken cancellation)
    {
        if (!_isPodman)
            return null;
        try
        {
            return await PodmanPod.CreateAsync(_engine, limits, _mark, cancellation);
        }
        catch (EngineRefusedException refused)
        {
            LogNoPod(_logger, refused.Message);
            log("This Podman makes no pod for the build: its processes are not bounded, and a cancelled step runs to its end.\n");
            return null;
        }
        catch (Exception fault) when (IsConnectionFault(fault))
        {
            throw new EngineUnavailableException($"The container engine went away or failed: {Innermost(fault)}", fault);
        }
    }

    private async Task<Exception> FaultAsync(BuildOutput watch, JobLimits limits, CancellationToken cancellation)
    {
        var error = watch.Error!;
        var step = watch.Failed(await StepMemory.IsOutOfAsync(_client, watch, cancellation));
        if (step is { IsOutOfMemory: true })
            return new BuildFailedException($"{step.Title} — the kernel ended it, because it needed more memory than the {Sizes.Of(limits.Memory)} that a build may use (Builds__Memory).") { Step = step };
        // What a step says when the engine's disk is full is all that tells it.
        if (EngineFaults.OfBuild(error) == EngineVerdict.Full || (step is { ExitCode: not null } && EngineFaults.IsFull(watch.Tail)))
            return new EngineUnavailableException($"The container engine's disk is full: {What(watch)}") { IsFull = true };
        return EngineFaults.OfBuild(error) == EngineVerdict.MayPass
            ? new EngineUnavailableException(What(watch))
            : new BuildFailedException(What(watch)) { Step = step };
    }

    private static string What(BuildOutput watch) => watch.Step is { } step ? $"{step} — {watch.Error}" : watch.Error!;

    /// <summary>Size of the image, if it may have it.</summary>
    private async Task<long> WithinAsync(BuildJob job, long most, CancellationToken cancellation)
    {
        long bytes = 0;
        IList<ImageHistoryResponse> history = [];
        await CallAsync(async () => bytes = (await _client.Images.InspectImageAsync(job.Reference, cancellation)).Size);
        if (most == 0 || bytes <= most)
            return bytes;
        await CallAsync(async () => history = await _client.Images.GetImageHistoryAsync(job.Reference, cancellation));
        await CallAsync(() => new StepImages(_client, _mark).RemoveAsync(job.Reference, cancellation));
        throw new BuildFailedException($"The image has {Sizes.Of(bytes)}, and {Sizes.Of(most)} are allowed (Builds__MaxImageBytes). Its largest steps: {Sizes.Largest(history)}.") { IsSaid = true };
    }

    private static async Task CallAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception refused) when (StatusOf(refused) is { } status)
        {
            var verdict = EngineFaults.OfBuild(refused.Message);
            throw (int)status < 500 && verdict == EngineVerdict.Fails && !EngineFaults.IsLostLayer(refused.Message)
                ? new BuildFailedException($"The engine refused: {refused.Message}")
                : new EngineUnavailableException($"The container engine went away or failed: {refused.Message}", refused) { IsFull = verdict == EngineVerdict.Full };
        }
        catch (Exception fault) when (IsConnectionFault(fault))
        {
            throw new EngineUnavailableException($"The container engine went away or failed: {Innermost(fault)}", fault);
        }
    }

    private static HttpStatusCode? StatusOf(Exception fault) =>
        fault switch { EngineRefusedException own => own.Status, DockerApiException docker => docker.StatusCode, _ => null };

    private static bool IsConnectionFault(Exception fault) => EngineFaults.IsConnection(fault);

    private static string Innermost(Exception fault) => EngineFaults.Innermost(fault);

    public void Dispose() => _engine.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Podman made no pod for a build ({Reason}): its processes are not bounded, and a step that is cancelled runs to its end. Installing catatonit may mend that.")]
    private static partial void LogNoPod(ILogger logger, string reason);
}
