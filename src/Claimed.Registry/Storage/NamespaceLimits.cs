using System.Text.Json.Serialization;
using Claimed.Registry.Http;

namespace Claimed.Registry.Storage;

/// <summary>Limits of builds that an administrator sets for one namespace; what is null is as the settings say.</summary>
/// <param name="Concurrency">Builds at the same time, over all builders.</param>
/// <param name="TimeoutSeconds">The longest a build may take.</param>
/// <param name="IdleSeconds">The longest a build may be silent.</param>
/// <param name="Memory">Bytes of memory of a build step.</param>
/// <param name="Cpus">Processors of a build step.</param>
/// <param name="Pids">Processes of a build step.</param>
/// <param name="ImageBytes">Bytes of an image, unpacked.</param>
public sealed record NamespaceLimits(
    int? Concurrency = null, int? TimeoutSeconds = null, int? IdleSeconds = null, long? Memory = null, double? Cpus = null, int? Pids = null, long? ImageBytes = null)
{
    [JsonIgnore]
    public bool IsEmpty => this == new NamespaceLimits();

    /// <param name="stored">The namespace's column.</param>
    public static NamespaceLimits? Read(string? stored) => stored is null ? null : Json.Read<NamespaceLimits>(stored);
}
