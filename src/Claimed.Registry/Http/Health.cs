using Claimed.Registry.Storage;

namespace Claimed.Registry.Http;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can serve, with what is degraded.</summary>
public static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health");
        health.MapRead("live", () => Results.Ok(new HealthDocument("ok", []))).WithName("live").WithSummary("Whether the process answers")
            .Returns<HealthDocument>(200, "It does.", """{"status": "ok", "degraded": []}""");
        health.MapRead("ready", ReadyAsync).WithName("ready").WithSummary("Whether the registry can serve, and what is degraded")
            .WithDescription("Waiting builds and a message bus that is away are named under `degraded` and do not make the registry unready.")
            .Returns<HealthDocument>(200, "Ready.", """{"status": "ok", "degraded": ["builds: No container engine answers."]}""")
            .Refuses(503, "schema-behind", "database-unreachable", "starting");
    }

    /// <summary>Until the catalog is loaded an answer would say that nothing is there.</summary>
    public static void UseReadiness(this WebApplication app)
    {
        var readiness = app.Services.GetRequiredService<Readiness>();
        app.Use(async (context, next) =>
        {
            if (readiness.IsLoaded || context.Request.Path.StartsWithSegments("/health") || context.Request.Path.StartsWithSegments("/metrics"))
            {
                await next(context);
                return;
            }
            context.Response.Headers.RetryAfter = "1";
            await Starting.ToResult().ExecuteAsync(context);
        });
    }

    private static Refusal Starting => new(503, "starting", "The registry is starting.", "It has not loaded its catalog yet; GET /health/ready says what it waits for.");

    private static async Task<IResult> ReadyAsync(SchemaUpdate schema, Readiness readiness, Notices notices, CancellationToken cancellation)
    {
        try
        {
            if (await schema.IsBehindAsync(cancellation))
                return new Refusal(503, "schema-behind", "The database has an older schema.", "Run the word migrate of this version once.").ToResult();
        }
        catch (Exception fault) when (fault is System.Data.Common.DbException or TimeoutException or InvalidOperationException)
        {
            return new Refusal(503, "database-unreachable", "The database does not answer.", "Reads go on from memory; publishing waits until it is back.").ToResult();
        }
        if (!readiness.IsLoaded)
            return Starting.ToResult();
        return Results.Ok(new HealthDocument("ok", notices.Degraded));
    }
}

/// <summary>State of the service.</summary>
/// <param name="Status"><c>ok</c>.</param>
/// <param name="Degraded">What does not work though the service is up.</param>
public sealed record HealthDocument(string Status, IReadOnlyList<string> Degraded);
