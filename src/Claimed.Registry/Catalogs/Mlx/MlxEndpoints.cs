using System.Text;
using Claimed.Components.Renditions;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Catalogs.Mlx;

/// <summary>
/// <c>/apis/v1alpha1</c>: what the API of Machine Learning Exchange says of components, for its connector to Elyra and its user interface.
/// The connector compares content types letter by letter and cannot sign in.
/// </summary>
public static class MlxEndpoints
{
    /// <summary>Without a charset: the connector takes nothing else.</summary>
    internal const string JsonType = "application/json";

    private const string GzipType = "application/gzip";

    internal const string Component =
        """
        {"id":"claimed--filter-csv","created_at":"2026-01-05T10:00:00+00:00","name":"Filter CSV (claimed)","description":"Keeps rows of a CSV file.","featured":false,"publish_approved":false,"filter_categories":{"category":"Transform"},"metadata":{"annotations":{"version":"1.2.0"},"tags":["csv"]},"parameters":[{"name":"expression","description":"Which rows stay"}]}
        """;

    public static void AddMlx(this IServiceCollection services)
    {
        services.AddSingleton<MlxCatalog>();
        services.AddSingleton<MlxUploads>();
    }

    public static void MapMlx(this IEndpointRouteBuilder routes)
    {
        var mlx = routes.MapGroup("/apis/v1alpha1").WithTags("Clients").AddEndpointFilter<MlxErrors>();
        mlx.MapMethods("health_check", Reading.Methods, () => Results.Json(new { status = "healthy" }, Json.Options, JsonType)).Open()
            .WithName("checkMlx").WithSummary("Ask whether the MLX API answers").Returns<object>(200, "It does.", """{"status":"healthy"}""");
        mlx.MapMethods("components", Reading.Methods, ListAsync).BySight().WithName("listMlxComponents").WithSummary("List components, for MLX clients")
            .WithDescription("An entry for each major version of each component that the caller sees; without credentials, of public namespaces. An id moves within its major: `acme--filter` is the first "
                + "major that the component had, `acme--filter--2` another. `filter` is a JSON object of attributes and values (`{\"featured\":true}`), `sort_by` is `name`, `id` or `created_at`, with `asc` or `desc`; "
                + "`page_size` (at most 1000) and `page_token` go from page to page; without a size everything is on one page, as the connector knows no other.")
            .Returns<MlxListDocument>(200, "A page of components.", $$"""{"components":[{{Component}}],"total_size":1}""").Refuses(400, "bad-query");
        mlx.MapMethods("catalog", Reading.Methods, CatalogAsync).BySight().WithName("listMlxCatalog").WithSummary("List all assets, for MLX clients")
            .WithDescription("This registry has components; the other lists are empty.")
            .Returns<MlxCatalogDocument>(200, "A page of components.", $$"""{"components":[{{Component}}],"datasets":[],"models":[],"notebooks":[],"pipelines":[],"total_size":1}""").Refuses(400, "bad-query");
        mlx.MapMethods("components/{id}", Reading.Methods, Get).BySight().WithName("getMlxComponent").WithSummary("Read one component, for MLX clients")
            .WithDescription("`id` as lists have it, or `namespace--name--1.2.0` for one version, yanked or not.")
            .Returns<MlxComponentDocument>(200, "The component.", Component).Refuses(404, "component-not-found", "version-not-found").Refuses(410, "version-purged", "version-expired");
        mlx.MapMethods("components/{id}/download", Reading.Methods, DownloadAsync).BySight().WithName("downloadMlxComponent").WithSummary("Download the definition of a component, for MLX clients")
            .WithDescription("A tar.gz with one file: `elyra.yaml`, under a name that no other component of this registry has.")
            .Returns<string>(200, "The archive.", "filter-csv.yaml, packed", GzipType).Refuses(404, "component-not-found", "version-not-found").Refuses(410, "version-purged", "version-expired").Refuses(503, "blob-missing");
        mlx.MapMethods("components/{id}/templates", Reading.Methods, TemplateAsync).BySight().WithName("getMlxTemplate").WithSummary("Read the definition of a component, for MLX clients")
            .Returns<MlxTemplateDocument>(200, "The text.", """{"template":"name: Filter CSV\n","url":"https://registry.example.org/api/v1/components/claimed/filter-csv/versions/1.2.0"}""")
            .Refuses(404, "component-not-found", "version-not-found").Refuses(410, "version-purged", "version-expired").Refuses(503, "blob-missing");
        mlx.MapMethods("components/{id}/generate_code", Reading.Methods, Code).BySight().WithName("getMlxCode").WithSummary("Read how a component is used in a pipeline, for MLX clients")
            .Returns<MlxCodeDocument>(200, "Lines of Python.", """{"script":"from kfp import components\n"}""").Refuses(404, "component-not-found", "version-not-found").Refuses(410, "version-purged", "version-expired");
        mlx.MapMlxUploads();
    }

    private static Task<IResult> ListAsync(string? filter, string? sort_by, int? page_size, string? page_token, HttpContext context, MlxCatalog catalog) =>
        ListedAsync(context, catalog, new MlxPage(filter, sort_by, page_size, page_token), (page, total, next) => new MlxListDocument(page, total, next));

    private static Task<IResult> CatalogAsync(string? filter, string? sort_by, int? page_size, string? page_token, HttpContext context, MlxCatalog catalog) =>
        ListedAsync(context, catalog, new MlxPage(filter, sort_by, page_size, page_token), (page, total, next) => new MlxCatalogDocument(page, [], [], [], [], total, next));

    private static async Task<IResult> ListedAsync<T>(HttpContext context, MlxCatalog catalog, MlxPage page, Func<IReadOnlyList<MlxComponentDocument>, int, string?, T> document)
    {
        var view = CatalogView.Of(context);
        if (page.IsAll)
            return await catalog.AllAsync(view, total => document([], total, null), context.RequestAborted);
        var (components, total, next) = page.Of(view);
        return Served.Json(document([.. components.Select(MlxComponentDocument.Of)], total, next), JsonType) with { Until = view.Freshness };
    }

    private static Served Get(string id, HttpContext context, TimeProvider clock)
    {
        var found = MlxId.Find(CatalogView.Of(context), id, clock);
        return Served.Json(MlxComponentDocument.Of(found), JsonType) with { Until = found.Version.ExpiresAt is null ? found.Component.Freshness : null };
    }

    private static async Task<IResult> DownloadAsync(string id, HttpContext context, IBlobStore blobs, RegistryUrls urls, TimeProvider clock, VersionNotice notice, CancellationToken cancellation)
    {
        var found = MlxId.Find(CatalogView.Of(context), id, clock);
        var packed = await MlxDefinition.PackAsync(found, await MlxDefinition.ReadAsync(found, blobs, urls, cancellation));
        return await notice.OnAsync(new Served(packed, GzipType, Digest.Of(packed), Served.Moving)
        {
            ContentDisposition = $"attachment; filename={found.Component.Name}.tgz",
            Tally = context.TallyOf(found.Version),
            Until = found.Version.ExpiresAt is null ? found.Component.Freshness : null,
        }, found.Component, found.Version, RenditionForm.Elyra, cancellation);
    }

    private static async Task<IResult> TemplateAsync(string id, HttpContext context, IBlobStore blobs, RegistryUrls urls, TimeProvider clock, CancellationToken cancellation)
    {
        var found = MlxId.Find(CatalogView.Of(context), id, clock);
        return Served.Json(new MlxTemplateDocument(await MlxDefinition.ReadAsync(found, blobs, urls, cancellation),
            urls.Version(found.Component.Namespace, found.Component.Name, found.Version.Number.ToString())), JsonType) with
        { Until = found.Version.ExpiresAt is null ? found.Component.Freshness : null };
    }

    private static IResult Code(string id, HttpContext context, RegistryUrls urls, TimeProvider clock)
    {
        var found = MlxId.Find(CatalogView.Of(context), id, clock);
        var usage = RequestedForms.Of(RenditionForm.Usage, found.Component, found.Version, urls, "kfp");
        return Served.Json(new MlxCodeDocument(Encoding.UTF8.GetString(usage.Bytes.Span)), JsonType) with { Until = found.Version.ExpiresAt is null ? found.Component.Freshness : null };
    }
}
