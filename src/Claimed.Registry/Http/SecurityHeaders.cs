using Microsoft.Extensions.Primitives;

namespace Claimed.Registry.Http;

/// <summary>
/// Headers that keep browsers from reading more into an answer than it says. What programs read gets what every answer needs and no more,
/// made once; the rest is for what a browser shows: pages and errors.
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

    /// <summary>For the pages of others that this program shows; its own bring theirs, which are stricter.</summary>
    public static void UseForeignPageHeaders(this IApplicationBuilder app) => app.Use(next => context =>
    {
        if (context.Request.Path.StartsWithSegments("/swagger"))
            Add(context);
        return next(context);
    });

    /// <summary>All of them: for an answer that a browser shows, and for one that is begun anew.</summary>
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
