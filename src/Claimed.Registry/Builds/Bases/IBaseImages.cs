namespace Claimed.Registry.Builds.Bases;

/// <summary>An image that an engine holds.</summary>
/// <param name="Id">Digest of its configuration, or of its manifest where the engine's store names images so.</param>
/// <param name="Digests">References by digest under which registries have it; none for an image that was made here.</param>
/// <param name="Tags">References by tag under which the engine has it.</param>
/// <param name="Platform">Such as <c>linux/amd64</c> or <c>linux/arm64/v8</c>.</param>
public sealed record HeldImage(string Id, IReadOnlyList<string> Digests, IReadOnlyList<string> Tags, string Platform);

/// <summary>The images of an engine that builds begin with.</summary>
public interface IBaseImages
{
    /// <summary>The image that the engine has under this reference; null when it has none.</summary>
    /// <exception cref="EngineUnavailableException">It does not answer.</exception>
    Task<HeldImage?> FindAsync(string reference, CancellationToken cancellation);

    /// <summary>Fetches an image. Its progress goes to <paramref name="log"/>, empty where there is nothing to read but a sign of life.</summary>
    /// <exception cref="BaseNotFoundException">No registry has it, or not for this platform, or not for us.</exception>
    /// <exception cref="EngineUnavailableException">The engine or the registry does not answer; another attempt may work.</exception>
    Task PullAsync(string reference, string? platform, PushAccount? account, Action<string> log, CancellationToken cancellation);

    /// <summary>Instructions that run in a build on an image that the engine holds (ONBUILD), without that word.</summary>
    Task<IReadOnlyList<string>> TriggersAsync(string id, CancellationToken cancellation);

    /// <summary>Gives an image another name.</summary>
    Task NameAsync(string reference, string name, CancellationToken cancellation);
}

/// <summary>An image that cannot be had, in the words of whoever was asked.</summary>
public sealed class BaseNotFoundException(string reason) : Exception(reason);
