using System.Text.Json;

namespace Claimed.Registry.Builds.Engine;

/// <summary>
/// The containers in which Podman makes the steps of a build. It removes them at the end of the build; when it is killed before, they stay,
/// hold the images that they were made of, and are in none of Docker's lists.
/// </summary>
internal static class PodmanWork
{
    private const string Api = "v4.0.0/libpod/containers/";

    /// <summary>Those of all builds, whoever runs them; none while Podman cannot tell.</summary>
    public static async Task<IReadOnlyList<(string Id, string Image)>> ListAsync(EngineConnection engine, CancellationToken cancellation)
    {
        try
        {
            var all = await engine.AskAsync(HttpMethod.Get, Api + "json?all=true&external=true", null, cancellation);
            return all.ValueKind != JsonValueKind.Array ? []
                : [.. all.EnumerateArray().Where(IsOfBuild).Select(one => (one.GetProperty("Id").GetString()!, one.GetProperty("ImageID").GetString() ?? ""))];
        }
        catch (EngineRefusedException)
        {
            // One of their images is being removed; the next round looks again.
            return [];
        }
    }

    public static async Task RemoveAsync(EngineConnection engine, string id, CancellationToken cancellation)
    {
        try
        {
            await engine.AskAsync(HttpMethod.Delete, $"{Api}{id}?force=true", null, cancellation);
        }
        catch (EngineRefusedException)
        {
            // Gone, or held by something: the next round looks again.
        }
    }

    private static bool IsOfBuild(JsonElement container) => container.GetProperty("State").GetString() == "storage"
        && container.GetProperty("Command") is { ValueKind: JsonValueKind.Array } command && command.EnumerateArray().Any(word => word.GetString() == "buildah");
}
