using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Images.Browse;
using Claimed.Registry.Images.Proxies;

namespace Claimed.Registry.Images;

/// <summary>Puts kept manifests before routing; who may pull is asked for every request all the same.</summary>
public static class ManifestCacheSetup
{
    public static void UseManifestCache(this IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        var (cache, credentials, rights) = (services.GetRequiredService<ManifestCache>(), services.GetRequiredService<CredentialReading>(), services.GetRequiredService<Rights>());
        var expired = services.GetRequiredService<ExpiredImages>();
        var (proxies, pulls) = (services.GetRequiredService<ImageProxies>(), services.GetRequiredService<PullCounts>());
        app.Use(next => context =>
        {
            var request = context.Request;
            if (!request.IsRead() || request.Path.Value is not { } path || !path.StartsWith("/v2/", StringComparison.Ordinal) || !cache.TryFind(path, out var manifest))
                return next(context);
            // What stands for another registry is held against it now and then, and its use is noted; what has expired is gone.
            if (proxies.Find(manifest.Repository) is not null || expired.Hides(manifest.Repository, manifest.Reference))
                return next(context);
            // Whoever may not, or whose credentials cannot be told now, is answered in full further on.
            if (CallerOf(context) is not { } caller || !rights.MayPull(caller, manifest.Repository))
                return next(context);
            pulls.Count(request, manifest);
            return manifest.AnswerAsync(context, isForOne: !rights.IsPublic(manifest.Repository));
        });

        Caller? CallerOf(HttpContext context)
        {
            // Without credentials a session may count; the way in full reads it.
            if (context.Request.Headers.Authorization.Count == 0)
                return Access.People.Session.IsSent(context.Request) ? null : Caller.Anonymous;
            try
            {
                return credentials.Of(context) is { Failure: null, Caller: var caller } ? caller : null;
            }
            catch (RefusedException)
            {
                return null;
            }
        }
    }
}
