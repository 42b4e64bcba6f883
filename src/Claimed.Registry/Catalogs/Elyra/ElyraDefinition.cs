using System.Text;
using Claimed.Components.Renditions;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary>
/// The text that Elyra shows of a version. Where the version is yanked or deprecated its description begins with that, since Elyra shows its users nothing
/// else; what the component runs stays the same, and the kept bytes stay at their digest.
/// </summary>
internal static class ElyraDefinition
{
    /// <summary>What users must know of a version; null for most.</summary>
    public static string? NoticeOf(VersionEntry version) => !RequestedForms.Has(version) ? null
        : version.Yanked ? version.YankReason is { Length: > 0 } reason ? $"Yanked: {reason}" : "Yanked."
        : version.Deprecated ? version.Successor is { Length: > 0 } successor ? $"Deprecated: use {successor}." : "Deprecated."
        : null;

    /// <summary><c>elyra.yaml</c> of a version that has it.</summary>
    public static async Task<string> ReadAsync(ComponentEntry component, VersionEntry version, IBlobStore blobs, RegistryUrls urls, CancellationToken cancellation)
    {
        if (NoticeOf(version) is not { } notice)
            return Encoding.UTF8.GetString(await blobs.ReadAllAsync(version.Renditions.GetValueOrDefault(RenditionForm.Elyra)!.Digest, cancellation));
        var source = RequestedForms.SourceOf(component, version, urls);
        return ClientRenditions.Render(RenditionForm.Elyra, source with { Definition = source.Definition with { Description = $"{notice} {source.Definition.Description}".TrimEnd() } });
    }
}
