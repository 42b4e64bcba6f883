using System.Text.Json;

namespace Claimed.Registry.Builds.Engine;

/// <summary>
/// What a step at Podman shares with others. Its build API knows none of Docker's network modes, and gives the machine's own network to every
/// build that names no namespace: so each build names its own.
/// </summary>
internal static class PodmanNamespaces
{
    /// <summary>The API's word for a network namespace in which nothing is set up; Docker's are passed over.</summary>
    private const string Disabled = "NetworkDisabled";

    /// <summary>The value of <c>networkmode</c>; null for the usual.</summary>
    public static string? ModeOf(string? network) => network == "none" ? Disabled : null;

    /// <summary>The value of <c>nsoptions</c>.</summary>
    /// <param name="network"><c>Builds__NetworkMode</c>.</param>
    /// <param name="processes">The process namespace to join, as a path of the engine's machine; null for one of the step's own.</param>
    public static string Of(string? network, string? processes) =>
        JsonSerializer.Serialize<object[]>(processes is null ? [NetworkOf(network)] : [NetworkOf(network), new { Name = "pid", Path = processes }]);

    private static object NetworkOf(string? network) => network switch
    {
        "host" => new { Name = "network", Host = true },
        // One of its own: with a way out unless it is disabled.
        null or "" or "none" or "default" or "bridge" => new { Name = "network" },
        _ => new { Name = "network", Path = network },
    };
}
