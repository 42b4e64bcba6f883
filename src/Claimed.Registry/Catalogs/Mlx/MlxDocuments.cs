using System.Text.Json.Serialization;

namespace Claimed.Registry.Catalogs.Mlx;

/// <summary>A component as the MLX API shows it.</summary>
/// <param name="Id"><c>namespace--name</c>, with <c>--2</c> for another major version or <c>--1.2.0</c> for one version.</param>
/// <param name="Name">The label, told apart from every other in this registry.</param>
/// <param name="Featured">Whether it has the tag <c>featured</c>.</param>
/// <param name="PublishApproved">Whether it has the tag <c>publish-approved</c>; it is served either way.</param>
/// <param name="FilterCategories">Category and group, where there are any.</param>
public sealed record MlxComponentDocument(
    string Id, [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt, string Name, string Description, bool Featured,
    [property: JsonPropertyName("publish_approved")] bool PublishApproved, [property: JsonPropertyName("filter_categories")] IReadOnlyDictionary<string, string> FilterCategories,
    MlxMetadata Metadata, IReadOnlyList<MlxParameter> Parameters)
{
    internal static MlxComponentDocument Of(MlxComponent found)
    {
        var (component, version) = (found.Component, found.Version);
        var categories = new Dictionary<string, string>(StringComparer.Ordinal);
        if (component.Category is { } category)
            categories["category"] = category;
        if (component.Group is { } group)
            categories["group"] = group;
        var notes = new Dictionary<string, string>(StringComparer.Ordinal) { ["version"] = version.Number.ToString() };
        if (version.Deprecated)
            notes["deprecated"] = "true";
        if (version.Successor is { } successor)
            notes["successor"] = successor;
        return new MlxComponentDocument(found.Id, found.CreatedAt, found.Label, component.Description,
            found.IsFeatured, found.IsApproved, categories, new MlxMetadata(notes, component.Tags),
            [.. version.Definition.Inputs.Select(input => new MlxParameter(input.Name, input.Description, input.Default))]);
    }
}

/// <summary>What else is known of a component.</summary>
/// <param name="Annotations">The version that the id means now, and whether it is deprecated.</param>
public sealed record MlxMetadata(IReadOnlyDictionary<string, string> Annotations, IReadOnlyList<string> Tags);

/// <summary>An input of a component.</summary>
/// <param name="Default">As a text.</param>
public sealed record MlxParameter(string Name, string? Description, string? Default);

/// <summary>A page of components.</summary>
/// <param name="TotalSize">How many there are on all pages.</param>
/// <param name="NextPageToken">Absent on the last page.</param>
public sealed record MlxListDocument(
    IReadOnlyList<MlxComponentDocument> Components, [property: JsonPropertyName("total_size")] int TotalSize,
    [property: JsonPropertyName("next_page_token")] string? NextPageToken);

/// <summary>All kinds of assets of the MLX API, of which this registry has components.</summary>
public sealed record MlxCatalogDocument(
    IReadOnlyList<MlxComponentDocument> Components, IReadOnlyList<object> Datasets, IReadOnlyList<object> Models, IReadOnlyList<object> Notebooks,
    IReadOnlyList<object> Pipelines, [property: JsonPropertyName("total_size")] int TotalSize, [property: JsonPropertyName("next_page_token")] string? NextPageToken);

/// <summary>The definition of a component as a text.</summary>
/// <param name="Template">The definition, as a download has it.</param>
/// <param name="Url">Where the version is.</param>
public sealed record MlxTemplateDocument(string Template, string Url);

/// <summary>How a component is used.</summary>
/// <param name="Script">Lines of Python that use the component in a pipeline.</param>
public sealed record MlxCodeDocument(string Script);

/// <summary>An error as the MLX API writes one.</summary>
/// <param name="Error">What, where and how to fix it.</param>
/// <param name="Code">The HTTP status again.</param>
public sealed record MlxStatus(string Error, int Code);
