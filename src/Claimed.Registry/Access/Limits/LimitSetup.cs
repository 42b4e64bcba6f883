using System.Globalization;
using System.Threading.RateLimiting;
using Claimed.Registry.Access.Passes;
using Claimed.Registry.Http;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access.Limits;

/// <summary>Refuses who asks too often, per person, namespace of tokens, address and kind of request.</summary>
public static class LimitSetup
{
    /// <summary>Limits reads, in memory; before everything, and only where the option says so.</summary>
    public static void UseReadLimit(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<IOptions<LimitOptions>>().Value;
        if (options.Reads <= 0)
            return;
        var credentials = app.ApplicationServices.GetRequiredService<CredentialReading>();
        var limiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetFixedWindowLimiter(Who(context, credentials.Of(context)),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = options.Reads, Window = TimeSpan.FromMinutes(1) }));
        app.Use(async (context, next) =>
        {
            if (context.Request.IsRead() && !IsProbe(context))
            {
                using var lease = limiter.AttemptAcquire(context);
                if (!lease.IsAcquired)
                {
                    var resets = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? (int)Math.Ceiling(after.TotalSeconds) : 60;
                    await RefuseAsync(context, new Allowance(false, options.Reads, 0, resets), "Reads");
                    return;
                }
            }
            await next(context);
        });
    }

    /// <summary>Limits writes and tokens that are not valid, over all nodes. Needs the callers.</summary>
    public static void UseLimits(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<IOptions<LimitOptions>>().Value;
        var limits = app.ApplicationServices.GetRequiredService<SharedLimits>();
        app.Use((context, next) =>
        {
            var credentials = Credentials.Of(context);
            if (credentials.Failure is not null && options.UnknownTokens > 0 && IsAsked(context))
                return LimitAsync(context, next, $"unknown {AddressKey.Of(context)}", options.UnknownTokens, "Tokens that are not valid");
            // The engine of a build pushes as fast as it can.
            if (context.Request.IsRead() || credentials.Caller.PushRepository is not null)
                return next(context);
            return credentials.Caller.IsSignedIn
                ? LimitAsync(context, next, $"write {Who(context, credentials)}", options.Writes, "Writes")
                : LimitAsync(context, next, $"write {Who(context, credentials)}", options.AnonymousWrites, "Writes without a token");
        });

        async Task LimitAsync(HttpContext context, RequestDelegate next, string key, int limit, string what)
        {
            var allowance = await limits.TakeAsync(key, limit, context.RequestAborted);
            if (allowance is { IsWithin: false })
            {
                await RefuseAsync(context, allowance, what);
                return;
            }
            // An error on the way to the answer would take them away again.
            if (allowance is not null)
                context.Response.OnStarting(() =>
                {
                    allowance.WriteTo(context.Response);
                    return Task.CompletedTask;
                });
            await next(context);
        }
    }

    /// <summary>Whether a token that is not valid is answered with 401 here; elsewhere it counts as none, and fifty people with old tokens read on.</summary>
    private static bool IsAsked(HttpContext context) => context.Request.Path.StartsWithSegments("/v2") || context.Request.Path == PassEndpoint.Path || context.Request.Path == "/api/v1/me"
        || context.GetEndpoint()?.Metadata.GetMetadata<EndpointPolicy>() is { NeedsToken: true };

    private static Task RefuseAsync(HttpContext context, Allowance allowance, string what)
    {
        allowance.WriteTo(context.Response);
        context.Response.Headers.RetryAfter = allowance.Resets.ToString(CultureInfo.InvariantCulture);
        var refusal = allowance.Refusal(what);
        // As the clients of images read it, and those of KFP.
        object? error = context.Request.Path.StartsWithSegments("/v2") ? new { errors = new[] { new { code = "TOOMANYREQUESTS", message = refusal.Detail } } }
            : context.Request.Path.StartsWithSegments("/catalogs/kfp") ? new { error = new { code = refusal.Status, message = $"{refusal.Title} {refusal.Detail}", status = "RESOURCE_EXHAUSTED" } }
            : null;
        return (error is null ? refusal.ToResult() : Results.Json(error, Json.Options, "application/json", refusal.Status)).ExecuteAsync(context);
    }

    private static bool IsProbe(HttpContext context) => context.Request.Path.StartsWithSegments("/health") || context.Request.Path.StartsWithSegments("/metrics");

    private static string Who(HttpContext context, Credentials credentials) => credentials.Caller switch
    {
        // Whoever makes a second token has no second share.
        { UserName: { } user } => $"user {user}",
        { TokenId: not null, Pattern: var pattern } => $"tokens of {pattern.Namespace ?? pattern.ToString()}",
        _ => $"address {AddressKey.Of(context)}",
    };
}
