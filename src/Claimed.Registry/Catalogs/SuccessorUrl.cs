using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs;

/// <summary>Where what follows a deprecated version is.</summary>
internal static class SuccessorUrl
{
    /// <summary>Absolute URL of the same form of what to use instead; null when nothing is named.</summary>
    public static string? Of(ComponentEntry component, VersionEntry version, string form, RegistryUrls urls)
    {
        if (version.Successor is not { } successor)
            return null;
        var halves = successor.Split('@', 2);
        if (!successor.Contains('/', StringComparison.Ordinal))
            return $"{urls.Version(component.Namespace, component.Name, successor)}/{form}";
        var parts = halves[0].Split('/', 2);
        return $"{urls.Version(parts[0], parts[1], halves.ElementAtOrDefault(1) ?? ComponentEntry.Latest)}/{form}";
    }
}
