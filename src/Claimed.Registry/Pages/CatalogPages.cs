using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Search;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Pages;

/// <summary>The catalog for people, all of it or of one namespace: the search that programs have, with its facets as links.</summary>
internal sealed class CatalogPages(ComponentSearch search, PageWriter writer)
{
    // With words. Without, a page has all.
    private const int MostFound = 200;

    /// <param name="space">Whose page it is; null for all.</param>
    public async Task<IResult> WriteAsync(HttpContext context, string? space, CancellationToken cancellation)
    {
        try
        {
            return await SearchAsync(context, space, cancellation);
        }
        catch (RefusedException refused)
        {
            return await RefuseAsync(context, space, refused.Refusal);
        }
        catch (Exception fault) when (DatabaseFaults.IsAway(fault))
        {
            return await RefuseAsync(context, space, DatabaseFaults.Away);
        }
    }

    private async Task<IResult> SearchAsync(HttpContext context, string? space, CancellationToken cancellation)
    {
        var text = Asked("q");
        var query = SearchQuery.Read(text);
        var filters = new ComponentFilters(Asked("category"), Asked("group"), Asked("tag"), space ?? Asked("namespace"), Asked("input"), Asked("output"));
        var found = await search.FindAsync(CatalogView.Of(context), query, cancellation);
        var counts = new FacetCounts(filters);
        var hits = found.Behind([.. found.Hits.Where(hit => counts.Count(hit.Component))], null);
        return await writer.WriteAsync<CatalogPage>(context, new()
        {
            [nameof(CatalogPage.Components)] = (query is null ? hits : hits.Take(MostFound)).Select(hit => hit.Component).ToList(),
            [nameof(CatalogPage.Total)] = counts.Total,
            [nameof(CatalogPage.Filters)] = filters,
            [nameof(CatalogPage.Facets)] = counts.ToFacets(),
            [nameof(CatalogPage.Query)] = query is null ? null : text,
            [nameof(CatalogPage.Namespace)] = space,
        }, searches: true);

        string? Asked(string name) => context.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;
    }

    private Task<IResult> RefuseAsync(HttpContext context, string? space, Refusal refusal) => writer.WriteAsync<RefusedPage>(context, new()
    {
        [nameof(RefusedPage.Heading)] = refusal.Title,
        [nameof(RefusedPage.Message)] = refusal.Detail,
        [nameof(RefusedPage.Back)] = space is null ? "/" : $"/components/{space}",
    }, refusal.Status);
}
