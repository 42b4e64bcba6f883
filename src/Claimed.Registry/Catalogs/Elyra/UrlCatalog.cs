using System.Text.Json.Serialization;
using Claimed.Components.Renditions;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary>A catalog instance of Elyra's <c>url-catalog</c> connector, as its schema has it: the file that Elyra imports.</summary>
/// <param name="DisplayName">Title of the catalog in Elyra.</param>
/// <param name="SchemaName">Always <c>url-catalog</c>.</param>
public sealed record UrlCatalog(
    [property: JsonPropertyName("display_name")] string DisplayName,
    [property: JsonPropertyName("schema_name")] string SchemaName,
    UrlCatalogMetadata Metadata);

/// <summary>What the connector is told.</summary>
/// <param name="Description">What is in it, that it is a snapshot, and the lines that bring a newer one.</param>
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
    /// <summary>Kubeflow Pipelines, which is meant where nothing is said.</summary>
    public static readonly ElyraRuntime Kfp = new("kfp", "KUBEFLOW_PIPELINES", RenditionForm.Elyra);

    public static readonly IReadOnlyList<ElyraRuntime> All = [Kfp, new("airflow", "APACHE_AIRFLOW", RenditionForm.Operator)];
}
