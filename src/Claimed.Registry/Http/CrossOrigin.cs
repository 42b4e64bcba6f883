using Microsoft.Extensions.Primitives;

namespace Claimed.Registry.Http;

/// <summary>
/// Lets pages of other sites read what everyone may read: the catalog and what clients download, without credentials. What a token or a
/// session opens stays closed to them.
/// </summary>
public static class CrossOrigin
{
    private static readonly StringValues Everyone = "*";
    private static readonly StringValues Shown = "ETag, Content-Location, Content-Range, Link, Deprecation, Retry-After";
    private static readonly StringValues Asked = "If-None-Match, If-Range, Range";
    private static readonly StringValues Reads = "GET, HEAD";
    private static readonly StringValues OneDay = "86400";

    public static void UseCrossOrigin(this IApplicationBuilder app) => app.Use(next => context =>
    {
        var request = context.Request;
        if (!IsForEveryone(request))
            return next(context);
        var headers = context.Response.Headers;
        if (request.IsRead())
            LetRead(headers);
        else if (HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod is [{ } method] && (HttpMethods.IsGet(method) || HttpMethods.IsHead(method)))
        {
            headers.AccessControlAllowOrigin = Everyone;
            headers.AccessControlAllowMethods = Reads;
            headers.AccessControlAllowHeaders = Asked;
            headers.AccessControlMaxAge = OneDay;
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
        return next(context);
    });

    /// <summary>For the answer about a fault, before which the headers were taken away: a page is to say what went wrong, too.</summary>
    internal static void LetReadFault(HttpContext context)
    {
        if (context.Request.IsRead() && IsForEveryone(context.Request))
            LetRead(context.Response.Headers);
    }

    private static void LetRead(IHeaderDictionary headers) => (headers.AccessControlAllowOrigin, headers.AccessControlExposeHeaders) = (Everyone, Shown);

    private static bool IsForEveryone(HttpRequest request) => IsOpen(request.Path) && request.Headers.Authorization.Count == 0 && request.Headers.Cookie.Count == 0;

    private static bool IsOpen(PathString path) => path.StartsWithSegments("/api/v1") || path.StartsWithSegments("/catalogs") || path.StartsWithSegments("/apis");
}
