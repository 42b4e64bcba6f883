using Claimed.Registry.Storage;

namespace Claimed.Registry.Builds;

/// <summary>The limits of one build: those of its namespace, else those of the settings.</summary>
/// <param name="Cpus">Null: as the settings say; so for the next two.</param>
public sealed record EffectiveLimits(int Concurrency, TimeSpan Timeout, TimeSpan IdleTimeout, long Memory, double? Cpus, int? Pids, long? ImageBytes)
{
    /// <summary>What counts for a build of a namespace.</summary>
    /// <param name="stored">The column of the namespace.</param>
    public static EffectiveLimits Of(string? stored, BuildOptions options)
    {
        var own = NamespaceLimits.Read(stored);
        return new EffectiveLimits(
            own?.Concurrency ?? (options.NamespaceConcurrency == 0 ? int.MaxValue : options.NamespaceConcurrency),
            own?.TimeoutSeconds is { } timeout ? TimeSpan.FromSeconds(timeout) : options.Timeout,
            own?.IdleSeconds is { } idle ? TimeSpan.FromSeconds(idle) : options.IdleTimeout,
            own?.Memory ?? options.Memory, own?.Cpus, own?.Pids, own?.ImageBytes);
    }
}
