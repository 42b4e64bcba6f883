using Claimed.Registry.Access;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Http;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can serve, with what is degraded.</summary>
public static class Health
{
    // Shorter than what probes usually wait.
    private static readonly TimeSpan DatabaseLimit = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health");
        health.MapMethods("live", Reading.Methods, () => Results.Ok(new HealthDocument("ok", []))).Open().WithName("live").WithSummary("Whether the process answers")
            .Returns<HealthDocument>(200, "It does.", """{"status": "ok", "degraded": []}""");
        health.MapMethods("ready", Reading.Methods, ReadyAsync).Open().WithName("ready").WithSummary("Whether the registry can serve, and what is degraded")
            .WithDescription("Waiting builds, a message bus or a database that is away are named under `degraded`; a registry that has loaded its catalog serves readers without them and stays ready.")
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

    private static async Task<IResult> ReadyAsync(SchemaUpdate schema, Readiness readiness, Notices notices, IBlobStore blobs, CancellationToken cancellation)
    {
        var store = blobs.ObstacleAsync(DatabaseLimit, cancellation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(DatabaseLimit);
        try
        {
            if (await schema.IsBehindAsync(limit.Token).WaitAsync(limit.Token))
                return new Refusal(503, "schema-behind", "The database has an older schema.", "Run the word migrate of this version once.").ToResult();
        }
        catch (Exception fault) when (DatabaseFaults.IsAway(fault) || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // Readers are served from memory; to take this node away from them would only make the outage theirs too.
            return readiness.IsLoaded
                ? Results.Ok(new HealthDocument("ok", ["database: It does not answer; reading goes on from memory, writing waits until it is back.", .. await BlobsAsync(store), .. notices.Degraded]))
                : DatabaseFaults.Away.ToResult();
        }
        if (!readiness.IsLoaded)
            return Starting.ToResult();
        return Results.Ok(new HealthDocument("ok", [.. await BlobsAsync(store), .. notices.Degraded]));
    }

    // As for the database: lists and versions come from memory, and another node has the same store. What the server said names the bucket; it is in the log.
    private static async Task<string[]> BlobsAsync(ValueTask<string?> store) => await store is null ? [] : ["blobs: The store does not answer, or refuses to; images and files wait until it is back."];
}

/// <summary>State of the service.</summary>
/// <param name="Status"><c>ok</c>.</param>
/// <param name="Degraded">What does not work though the service is up.</param>
public sealed record HealthDocument(string Status, IReadOnlyList<string> Degraded);
