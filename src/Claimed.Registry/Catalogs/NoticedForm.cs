using System.Text;
using Claimed.Components.Renditions;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs;

/// <summary>
/// The forms whose readers are shown a description and nothing else: Elyra's definition, and the operator with its docstring. Where the version is yanked or
/// deprecated their description begins with that; what the component runs stays the same, and the kept bytes stay at their digest.
/// </summary>
internal static class NoticedForm
{
    /// <summary>The text of a form that is other than the kept bytes; null where it is not, as for most.</summary>
    public static string? Write(string form, ComponentEntry component, VersionEntry version, RegistryUrls urls)
    {
        if (form is not (RenditionForm.Elyra or RenditionForm.Operator) || NoticeOf(version) is not { } notice)
            return null;
        var source = RequestedForms.SourceOf(component, version, urls);
        return ClientRenditions.Render(form, source with { Definition = source.Definition with { Description = $"{notice} {source.Definition.Description}".TrimEnd() } });
    }

    /// <summary><c>elyra.yaml</c> of a version that has it.</summary>
    public static async Task<string> ReadElyraAsync(ComponentEntry component, VersionEntry version, IBlobStore blobs, RegistryUrls urls, CancellationToken cancellation) =>
        Write(RenditionForm.Elyra, component, version, urls)
        ?? Encoding.UTF8.GetString(await blobs.ReadAllAsync(version.Renditions.GetValueOrDefault(RenditionForm.Elyra)!.Digest, cancellation));

    /// <summary>What users must know of a version; null for most.</summary>
    private static string? NoticeOf(VersionEntry version) => !RequestedForms.Has(version) ? null
        : version.Yanked ? version.YankReason is { Length: > 0 } reason ? $"Yanked: {reason}" : "Yanked."
        : version.Deprecated ? version.Successor is { Length: > 0 } successor ? $"Deprecated: use {successor}." : "Deprecated."
        : null;
}
