using Microsoft.Extensions.Primitives;

namespace Claimed.Registry.Http;

/// <summary>
/// Headers that keep browsers from reading more into an answer than it says. Kept answers get what every answer needs and no more, made
/// once; the rest is for what a browser shows: pages, errors and whatever else is made for one request.
/// </summary>
public static class SecurityHeaders
{
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues NoFrames = "frame-ancestors 'none'";
    private static readonly StringValues OnlyTls = "max-age=31536000";

    public static void UseSecurityHeaders(this IApplicationBuilder app)
    {
        var isSecure = IsSecure(app.ApplicationServices);
        app.Use(next => context =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = NoSniff;
            if (isSecure)
                headers.StrictTransportSecurity = OnlyTls;
            return next(context);
        });
    }

    public static void UseUncachedSecurityHeaders(this IApplicationBuilder app) => app.Use(next => context =>
    {
        var headers = context.Response.Headers;
        headers["Referrer-Policy"] = NoReferrer;
        headers.ContentSecurityPolicy = NoFrames;
        return next(context);
    });

    /// <summary>All of them, where an answer is begun anew.</summary>
    public static void Add(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers["Referrer-Policy"] = NoReferrer;
        headers.ContentSecurityPolicy = NoFrames;
        if (IsSecure(context.RequestServices))
            headers.StrictTransportSecurity = OnlyTls;
    }

    private static bool IsSecure(IServiceProvider services) =>
        services.GetRequiredService<IConfiguration>()["Registry:PublicUrl"]?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;
}
