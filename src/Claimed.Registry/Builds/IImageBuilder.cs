using Claimed.Components.Failures;

namespace Claimed.Registry.Builds;

/// <summary>What one build asks of an engine.</summary>
/// <param name="Reference">Local name of the image to make, also where it is pushed: <c>127.0.0.1:8080/acme/filter:build-7-1</c>.</param>
/// <param name="Labels">Put on the image, so that only what we made is ever removed.</param>
/// <param name="Dependencies">A Dockerfile that does the first steps of the build alone and needs no context, so that an engine can keep what they made for other builds; null when there are none.</param>
public sealed record BuildJob(string Reference, string? Platform, IReadOnlyDictionary<string, string> Labels, string? Dependencies = null)
{
    /// <summary>Build arguments.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();
}

/// <summary>Opens the context, a tar archive; more than once where a build begins again. Whoever asks closes it.</summary>
public delegate Task<Stream> OpenContext(CancellationToken cancellation);

/// <summary>A container engine that makes images from a context and pushes them to this registry.</summary>
public interface IImageBuilder : Bases.IBaseImages
{
    /// <summary>Name and version of the engine, such as <c>docker 20.10.24 linux/amd64</c>.</summary>
    /// <exception cref="EngineUnavailableException">Nothing answers.</exception>
    Task<string> CheckAsync(CancellationToken cancellation);

    /// <summary>Makes the image. Every line of output goes to <paramref name="log"/> as it comes.</summary>
    /// <exception cref="BuildFailedException">A step failed; trying again would fail again.</exception>
    /// <exception cref="EngineUnavailableException">The engine went away; another attempt may work.</exception>
    Task BuildAsync(BuildJob job, OpenContext context, Action<string> log, CancellationToken cancellation);

    /// <summary>Pushes the image under its reference.</summary>
    /// <returns>Digest of its manifest, as the engine says; null when it does not.</returns>
    Task<string?> PushAsync(BuildJob job, PushAccount account, Action<string> log, CancellationToken cancellation);

    /// <summary>The address of this machine in the network of build steps; null when the engine does not say.</summary>
    /// <param name="network">Null for the engine's own.</param>
    Task<System.Net.IPAddress?> BridgeAsync(string? network, CancellationToken cancellation);

    /// <summary>Forgets the local image; its layers stay as long as others use them, dependencies as long as the engine keeps them.</summary>
    Task RemoveAsync(BuildJob job, CancellationToken cancellation);
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

    /// <summary>What its publisher is told; null where nothing was asked of an engine.</summary>
    public BuildFailure? Failure { get; init; }
}

/// <summary>No engine answered, or it went away in the middle.</summary>
public sealed class EngineUnavailableException(string reason, Exception? cause = null) : Exception(reason, cause);
