using Claimed.Components;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Http;

/// <summary>The refusals for what is not there.</summary>
public static class Missing
{
    public static Refusal Component(string space, string name) => new(404, "component-not-found", "There is no such component.",
        $"Nothing was published as {space}/{name}; GET /api/v1/components lists what was.");

    public static Refusal Version(string subject, string number) => new(404, "version-not-found", "There is no such version.",
        $"{subject} has no version {number}; GET /api/v1/components/{subject}/versions lists them.");

    /// <summary>For a version whose content an administrator removed.</summary>
    public static Refusal Purged(ComponentEntry component, VersionEntry version) => new(410, "version-purged", "The version was removed.",
        $"An administrator removed what {component.Subject} {version.Number} held: {version.Reason} Its number is not used again.");

    public static Refusal Channel(string subject, string channel) => new(404, "channel-not-found", "There is no such channel.",
        $"{subject} has no channel \"{channel}\"; GET /api/v1/components/{subject}/channels lists them.");

    public static Refusal Namespace(string space) => new(404, "namespace-not-found", "There is no such namespace.",
        $"There is no namespace \"{space}\"; GET /api/v1/namespaces lists them.");

    /// <summary>For catalogs of a namespace, which list what was published there.</summary>
    public static Refusal Components(string space) => new(404, "namespace-not-found", "There is no such namespace.",
        $"Nothing was published under \"{ShownText.Of(space, 80)}\"; GET /api/v1/components lists what there is.");

    public static Refusal BadNamespace(string space) => new(404, "namespace-invalid", "The namespace cannot be used.",
        $"\"{space}\" cannot be a namespace: lower-case words joined by hyphens, at most {ComponentName.MaxNamespaceLength} characters, and no reserved word.");

    /// <summary>For changes of a version that clients cannot use yet, or never could.</summary>
    public static Refusal NotReady(string subject, string number, string state) => new(409, "version-not-ready", "The version is not ready.",
        $"{subject} {number} is {state}; only a ready version can be yanked, deprecated or named by a channel.")
    { State = state };
}
