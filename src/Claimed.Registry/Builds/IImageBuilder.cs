using Claimed.Components.Failures;

namespace Claimed.Registry.Builds;

/// <summary>What one build asks of an engine.</summary>
/// <param name="Reference">Local name of the image to make, mostly also where it is pushed: <c>127.0.0.1:8080/acme/filter:build-7-1</c>.</param>
/// <param name="Dependencies">A Dockerfile that does the first steps of the build alone and needs no context, so that an engine can keep what they made for other builds; null when there are none.</param>
public sealed record BuildJob(string Reference, string? Platform, string? Dependencies = null)
{
    /// <summary>The name under which the image is pushed, in the same repository; null for <see cref="Reference"/>.</summary>
    public string? PushedAs { get; init; }

    /// <summary>The Dockerfile within the context; null where nobody says.</summary>
    public string? Dockerfile { get; init; }

    /// <summary>What the steps may use; null: what the settings say.</summary>
    public JobLimits? Limits { get; init; }

    /// <summary>The longest that the build may take, its push included; null: what the settings say.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Build arguments.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();
}

/// <summary>What the steps of one build may use.</summary>
/// <param name="Memory">Bytes, swap included.</param>
/// <param name="Cpus">Processors, also parts of one; 0: all.</param>
/// <param name="Pids">Processes and threads at a time; 0: any number.</param>
/// <param name="ImageBytes">Bytes of the image as the engine counts them, unpacked; 0: any number.</param>
public sealed record JobLimits(long Memory, double Cpus, int Pids, long ImageBytes)
{
    /// <summary>As the settings say, where a namespace has none of its own.</summary>
    public static JobLimits Of(BuildOptions options, EffectiveLimits? own = null) =>
        new(own?.Memory ?? options.Memory, own?.Cpus ?? options.Cpus, own?.Pids ?? options.Pids, own?.ImageBytes ?? options.MaxImageBytes);
}

/// <summary>An image that the engine holds.</summary>
/// <param name="Id">Digest of its configuration.</param>
/// <param name="Bytes">Its size, unpacked.</param>
public sealed record BuiltImage(string Id, long Bytes);

/// <summary>Opens the context, a tar archive; more than once where a build begins again. Whoever asks closes it.</summary>
public delegate Task<Stream> OpenContext(CancellationToken cancellation);

/// <summary>A container engine that makes images from a context and pushes them to this registry.</summary>
public interface IImageBuilder : Bases.IBaseImages
{
    /// <summary>What the engine is, and whether it answers.</summary>
    Task<EngineState> CheckAsync(CancellationToken cancellation);

    /// <summary>Makes the image. Output goes to <paramref name="log"/> as it comes; an empty text is a sign of life that no log shows. When <paramref name="cancellation"/> asks for it, the engine's work ends, too.</summary>
    /// <exception cref="BuildFailedException">A step failed; trying again would fail again.</exception>
    /// <exception cref="EngineUnavailableException">The engine went away; another attempt may work.</exception>
    Task<BuiltImage> BuildAsync(BuildJob job, OpenContext context, Action<string> log, CancellationToken cancellation);

    /// <summary>Pushes the image under the name that the job says.</summary>
    /// <returns>Digest of its manifest, as the engine says; null when it does not.</returns>
    Task<string?> PushAsync(BuildJob job, PushAccount account, Action<string> log, CancellationToken cancellation);

    /// <summary>The image as the archive that the engine makes of it. Whoever asks closes it.</summary>
    Task<Stream> SaveAsync(BuildJob job, CancellationToken cancellation);

    /// <summary>The address of this machine in the network of build steps; null when the engine does not say.</summary>
    /// <param name="network">Null for the engine's own.</param>
    Task<System.Net.IPAddress?> BridgeAsync(string? network, CancellationToken cancellation);

    /// <summary>Forgets the local image and its steps; layers stay as long as others use them, dependencies as long as the engine keeps them.</summary>
    Task RemoveAsync(BuildJob job, CancellationToken cancellation);

    /// <summary>Removes what builds left at the engine, except what those under way use.</summary>
    /// <param name="builds">Says what is under way at the moment it is asked.</param>
    Task TidyAsync(Func<CancellationToken, Task<Engine.BuildsUnderWay>> builds, CancellationToken cancellation);
}

/// <summary>The step at which a build failed.</summary>
/// <param name="Title">As the engine announced it: <c>Step 3/8 : RUN make</c> or <c>STEP 3/8: RUN make</c>.</param>
/// <param name="Instruction">What follows the colon: <c>RUN make</c>.</param>
/// <param name="ExitCode">Of its command; null when it was not a command that failed.</param>
/// <param name="IsOutOfMemory">The kernel killed it for its memory.</param>
public sealed record FailedStep(string Title, string Instruction, int? ExitCode, bool IsOutOfMemory);

/// <summary>A build that ended because of what it was given.</summary>
public sealed class BuildFailedException(string reason) : Exception(reason)
{
    /// <summary>Null when no step was under way.</summary>
    public FailedStep? Step { get; init; }

    /// <summary>The reason says all that there is to say, and no line of the log says more.</summary>
    public bool IsSaid { get; init; }

    /// <summary>What its publisher is told; null where nothing was asked of an engine.</summary>
    public BuildFailure? Failure { get; init; }
}

/// <summary>No engine answered, it went away in the middle, or something that it needs did.</summary>
public sealed class EngineUnavailableException(string reason, Exception? cause = null) : Exception(reason, cause)
{
    /// <summary>Whether another attempt has to wait until there is room again.</summary>
    public bool IsFull { get; init; }
}
