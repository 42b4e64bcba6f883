using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;

namespace Claimed.Registry.Search;

/// <summary><c>GET /api/v1/components</c>: lists, filters, facets and full-text search.</summary>
public static class SearchEndpoints
{
    public static void MapSearch(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/v1/components", Reading.Methods, ListAsync).BySight().WithTags("Catalog").WithName("listComponents").WithSummary("List and search components")
            .WithDescription("Without `q` in the order of namespace and name. `q` finds words, each of which may be the beginning of one, in name, title, tags, category, group, description, "
                + "ports and README of the version that lists show; all of them must be there. Those that stand in better places come first, in that order, then what is used more. "
                + "Case, accents and what joins a name do not count. Filters: `category`, `group`, `tag`, `namespace`, `input` and `output` (type of a port). "
                + "`facets=true` adds how many components of the whole result have which values; a filter does not count against its own facet. Follow `next` as `cursor` for more.")
            .Returns<ComponentPage>(200, "A page of components.", Examples.Components).Refuses(400, "bad-query").Refuses(503, "database-unreachable");

    private static async Task<IResult> ListAsync(
        string? q, string? category, string? group, string? tag, string? @namespace, string? input, string? output, bool? facets, string? cursor, int? limit,
        HttpContext context, ComponentSearch search, RegistryUrls urls, CancellationToken cancellation)
    {
        PageQuery.CheckLimit(limit, PageQuery.Most);
        var query = SearchQuery.Read(q);
        var filters = new ComponentFilters(category, group, tag, @namespace, input, output);
        var found = await search.FindAsync(CatalogView.Of(context), query, cancellation);
        var page = PageQuery.Read(found.List, cursor, limit, found.IsKey);
        var counts = facets == true ? new FacetCounts(filters) : null;
        var hits = counts is null ? found.Hits.Where(hit => filters.Admit(hit.Component)) : [.. found.Hits.Where(hit => counts.Count(hit.Component))];
        var items = page.Of(found.Behind(hits, page.After), hit => hit.Key, hit => ComponentDocument.From(hit.Component, urls));
        return Served.Json(new ComponentPage(items.Items, items.Next, counts?.Total, counts?.ToFacets())) with { Until = found.Until };
    }
}

/// <summary>One page of components.</summary>
/// <param name="Items">In the list's order.</param>
/// <param name="Next">Cursor of the next page; absent on the last.</param>
/// <param name="Total">With facets: how many components there are on all pages.</param>
/// <param name="Facets">With <c>facets=true</c>: <c>category</c>, <c>group</c>, <c>tag</c>, <c>namespace</c>, <c>input</c> and <c>output</c>, each with at most 50 values, the most frequent first.</param>
public sealed record ComponentPage(
    IReadOnlyList<ComponentDocument> Items, string? Next, int? Total, IReadOnlyDictionary<string, IReadOnlyList<FacetCount>>? Facets);
