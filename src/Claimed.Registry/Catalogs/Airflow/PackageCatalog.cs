using System.Text.Json.Serialization;
using Claimed.Registry.Catalogs.Elyra;

namespace Claimed.Registry.Catalogs.Airflow;

/// <summary>A catalog instance of one of Elyra's two connectors for packages of operators, as their schemas have it.</summary>
/// <param name="DisplayName">Title of the catalog in Elyra.</param>
/// <param name="SchemaName"><c>airflow-provider-package-catalog</c> or <c>airflow-package-catalog</c>.</param>
public sealed record PackageCatalog(
    [property: JsonPropertyName("display_name")] string DisplayName,
    [property: JsonPropertyName("schema_name")] string SchemaName,
    PackageCatalogMetadata Metadata)
{
    public static PackageCatalog Provider(string space, string origin, string url) =>
        Of(space, origin, "airflow-provider-package-catalog", new PackageCatalogMetadata { Provider = url });

    public static PackageCatalog Package(string space, string origin, string url) =>
        Of(space, origin, "airflow-package-catalog", new PackageCatalogMetadata { Package = url });

    private static PackageCatalog Of(string space, string origin, string schema, PackageCatalogMetadata metadata) => new(space, schema, metadata with
    {
        Description = $"Components of {space} from {origin}",
        Categories = [PaletteText.Category(space)],
    });
}

/// <summary>What the connector is told.</summary>
public sealed record PackageCatalogMetadata
{
    public string Description { get; init; } = "";

    [JsonPropertyName("runtime_type")]
    public string RuntimeType { get; init; } = "APACHE_AIRFLOW";

    /// <summary>Names in the palette, at most 18 characters each.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Of the wheel.</summary>
    [JsonPropertyName("airflow_provider_package_download_url")]
    public string? Provider { get; init; }

    /// <summary>Of the archive.</summary>
    [JsonPropertyName("airflow_package_download_url")]
    public string? Package { get; init; }
}
