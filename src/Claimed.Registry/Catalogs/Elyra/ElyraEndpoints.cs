using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Http;

namespace Claimed.Registry.Catalogs.Elyra;

/// <summary><c>/catalogs/elyra</c>: what Elyra imports.</summary>
public static class ElyraEndpoints
{
    private const string Example =
        """
        {"display_name":"claimed","schema_name":"url-catalog","metadata":{"description":"Components of claimed from https://registry.example.org","runtime_type":"KUBEFLOW_PIPELINES","categories":["claimed"],"paths":["https://registry.example.org/api/v1/components/claimed/filter-csv/versions/~1/elyra.yaml"]}}
        """;

    public static void MapElyra(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/catalogs/elyra/{namespace}/catalog.json", [HttpMethods.Get, HttpMethods.Head], Catalog).BySight().WithTags("Clients")
            .WithName("getElyraCatalog").WithSummary("Download an Elyra catalog of a namespace")
            .WithDescription("An instance of Elyra's own connector `url-catalog`; put it into `share/jupyter/metadata/component-catalogs/` and reload the palette. "
                + "`runtime` is `kfp` (the default) or `airflow`. Each URL moves within a major version (`~1`; `~0` before 1.0.0), so that a saved pipeline never meets "
                + "a breaking change; `pinned=true` names exact versions instead. `channel` takes only components with that channel, and follows it; "
                + "`category` takes one category, which then is the category in the palette (else the namespace is). "
                + "For `airflow`, an export to a DAG needs the operators in Elyra's list of available operators.")
            .Returns<UrlCatalog>(200, "The instance.", Example).Refuses(400, "bad-query").Refuses(404, "namespace-not-found");

    private static IResult Catalog(
        string @namespace, string? runtime, string? category, string? channel, string? pinned, HttpContext context, RegistryUrls urls)
    {
        var catalog = CatalogView.Of(context);
        if (catalog.Namespace(@namespace) is null)
            return new Refusal(404, "namespace-not-found", "There is no such namespace.",
                "Nothing was published under that namespace; GET /api/v1/components lists what there is.").ToResult();
        if (ElyraRuntime.All.FirstOrDefault(known => known.Name == (runtime ?? "kfp")) is not { } chosen)
            return BadQuery($"runtime can be {string.Join(" or ", ElyraRuntime.All.Select(known => known.Name))}.");
        if (channel is not null && !ChannelName.IsValid(channel))
            return BadQuery($"channel is not a channel name: {ChannelName.Rule}.");
        if (pinned is not (null or "true" or "false"))
            return BadQuery("pinned can be true or false.");
        var selection = new ElyraSelection(chosen, category, channel, pinned == "true");
        return Served.Json(selection.Of(@namespace, catalog.InNamespace(@namespace), urls)) with
        {
            ContentDisposition = $"attachment; filename=\"{@namespace}.json\"",
            Until = catalog.Freshness,
        };
    }

    private static IResult BadQuery(string detail) => PageQuery.BadQuery(detail).Refusal.ToResult();
}
