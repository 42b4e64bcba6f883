using System.Text.Json.Serialization;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary>A catalog instance of Elyra's <c>url-catalog</c> connector, as its schema has it: the file that Elyra imports.</summary>
/// <param name="DisplayName">Title of the catalog in Elyra.</param>
/// <param name="SchemaName">Always <c>url-catalog</c>.</param>
public sealed record UrlCatalog(
    [property: JsonPropertyName("display_name")] string DisplayName,
    [property: JsonPropertyName("schema_name")] string SchemaName,
    UrlCatalogMetadata Metadata);

/// <summary>What the connector is told.</summary>
/// <param name="RuntimeType"><c>KUBEFLOW_PIPELINES</c> or <c>APACHE_AIRFLOW</c>.</param>
/// <param name="Categories">Names in the palette, at most 18 characters each; Elyra shows every component of the instance under each of them.</param>
/// <param name="Paths">One absolute URL per component.</param>
public sealed record UrlCatalogMetadata(
    string Description,
    [property: JsonPropertyName("runtime_type")] string RuntimeType,
    IReadOnlyList<string> Categories,
    IReadOnlyList<string> Paths);

/// <summary>A runtime of Elyra and the form that its components have.</summary>
/// <param name="Name">In our URLs.</param>
/// <param name="Type">In Elyra.</param>
/// <param name="Form">Last segment of a component's URL.</param>
public sealed record ElyraRuntime(string Name, string Type, string Form)
{
    public static readonly IReadOnlyList<ElyraRuntime> All =
    [
        new("kfp", "KUBEFLOW_PIPELINES", RenditionForm.Elyra),
        new("airflow", "APACHE_AIRFLOW", RenditionForm.Operator),
    ];
}

/// <summary>Which version of each component a catalog names, and how.</summary>
/// <param name="Category">Only components of this category; null for all.</param>
/// <param name="Channel">Only components that have this channel, at its version; null for what lists show.</param>
/// <param name="Pinned">True for exact versions, false for URLs that move.</param>
public sealed record ElyraSelection(ElyraRuntime Runtime, string? Category, string? Channel, bool Pinned)
{
    // The schema of url-catalog.
    private const int MaxCategoryLength = 18;

    /// <summary>The instance for one namespace. Pipelines and versions that are not ready or are yanked are left out.</summary>
    public UrlCatalog Of(string space, IEnumerable<ComponentEntry> components, RegistryUrls urls)
    {
        var paths = components
            .Where(component => component.Kind == ComponentKind.Component)
            .Where(component => Category is null || string.Equals(component.Category, Category, StringComparison.OrdinalIgnoreCase))
            .Select(component => ReferenceOf(component) is { } reference ? $"{urls.Version(space, component.Name, reference)}/{Runtime.Form}" : null)
            .OfType<string>().ToList();
        var title = Category is null ? space : $"{space}: {Category}";
        var palette = Category ?? space;
        return new UrlCatalog(title, "url-catalog", new UrlCatalogMetadata(
            $"Components of {title} from {urls.Base}", Runtime.Type, [palette[..Math.Min(palette.Length, MaxCategoryLength)].TrimEnd()], paths));
    }

    /// <summary>What stands in the URL; null when the component has nothing to offer.</summary>
    private string? ReferenceOf(ComponentEntry component)
    {
        var target = Channel is not null ? Target(component, Channel)
            : Target(component, ComponentEntry.Latest) ?? component.Versions.FirstOrDefault(IsOffered);
        if (target is null)
            return null;
        if (Pinned)
            return target.Number.ToString();
        if (Channel is not null)
            return Channel;
        // Elyra keeps a component's URL in every saved pipeline: it may move, but never to another major. Ranges leave out pre-releases.
        var range = $"~{target.Number.Major}";
        return !target.Number.IsPrerelease && SemanticVersion.TryParseRange(range, out var parsed) && component.Find(parsed) is { } found && IsOffered(found)
            ? range
            : target.Number.ToString();
    }

    private VersionEntry? Target(ComponentEntry component, string channel) =>
        component.Channel(channel) is { } entry && component.Find(entry.Version) is { } version && IsOffered(version) ? version : null;

    private bool IsOffered(VersionEntry version) => version.IsListed && version.Renditions.ContainsKey(Runtime.Form);
}
