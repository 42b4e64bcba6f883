using Microsoft.Extensions.Primitives;

namespace Claimed.Registry.Http;

/// <summary>
/// Lets pages of other sites read what everyone may read: the catalog and what clients download, without credentials. What a token or a
/// session opens stays closed to them.
/// </summary>
public static class CrossOrigin
{
    private static readonly StringValues Everyone = "*";
    private static readonly StringValues Shown = "ETag, Content-Location, Link, Deprecation";
    private static readonly StringValues Asked = "If-None-Match";
    private static readonly StringValues Reads = "GET, HEAD";
    private static readonly StringValues OneDay = "86400";

    public static void UseCrossOrigin(this IApplicationBuilder app) => app.Use(next => context =>
    {
        var request = context.Request;
        if (!IsOpen(request.Path) || request.Headers.Authorization.Count > 0 || request.Headers.Cookie.Count > 0)
            return next(context);
        var headers = context.Response.Headers;
        if (request.IsRead())
        {
            headers.AccessControlAllowOrigin = Everyone;
            headers.AccessControlExposeHeaders = Shown;
        }
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

    private static bool IsOpen(PathString path) => path.StartsWithSegments("/api/v1") || path.StartsWithSegments("/catalogs") || path.StartsWithSegments("/apis");
}
