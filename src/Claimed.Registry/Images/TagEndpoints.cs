using System.Globalization;

namespace Claimed.Registry.Images;

/// <summary>Lists tags, in ordinal order and in pages.</summary>
public sealed class TagEndpoints(ImageStore store)
{
    private const int MaxPage = 10_000;

    public async Task<IResult> ListAsync(HttpContext context, ImageRoute route)
    {
        var query = context.Request.Query;
        var limit = MaxPage;
        if (query["n"] is [{ } asked] && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 0))
            return new OciError(400, "PAGINATION_NUMBER_INVALID", $"n is \"{asked}\": give how many tags a page has, from 0.");
        limit = Math.Min(limit, MaxPage);
        // One more than asked for tells whether there is a next page.
        if (await store.ListTagsAsync(route.Repository, query["last"], limit + 1, context.RequestAborted) is not { } tags)
            return OciError.NameUnknown(route.Repository);
        if (tags.Count > limit)
        {
            tags.RemoveAt(limit);
            if (limit > 0)
                context.Response.Headers.Link =
                    $"<{context.Request.PathBase}/v2/{route.Repository}/tags/list?n={limit}&last={Uri.EscapeDataString(tags[^1])}>; rel=\"next\"";
        }
        return new OciJson(new { name = route.Repository, tags });
    }
}
