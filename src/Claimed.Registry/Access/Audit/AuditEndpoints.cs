using System.Globalization;
using System.Text;
using Claimed.Database.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.Audit;

/// <summary><c>/api/v1/audit</c>: who did what, and what came of it.</summary>
public static class AuditEndpoints
{
    private const string Example = """
        {"id": 12, "at": "2026-01-01T12:00:00+00:00", "who": "ada", "address": "192.0.2.7", "tokenId": 7, "action": "version.published", "subject": "acme/filter-csv", "namespace": "acme", "outcome": "done", "event": 31}
        """;

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/api/v1").WithTags("Access");
        Describe(audit.MapMethods("audit", Reading.Methods, AllAsync).NeedsByHandler(Deed.Administer).WithName("listAudit").WithSummary("Read the audit, newest first"));
        Describe(audit.MapMethods("namespaces/{namespace}/audit", Reading.Methods, OfNamespaceAsync).Needs(Deed.Manage).WithName("listNamespaceAudit").WithSummary("Read what was done and refused in a namespace, newest first"));
    }

    private static void Describe(RouteHandlerBuilder route) => route
        .WithDescription("With `Accept: application/x-ndjson` everything as one JSON line each, oldest first, for export.")
        .Returns<Page<AuditDocument>>(200, "A page of the audit.", $$"""{"items": [{{Example}}]}""", "application/json", "application/x-ndjson")
        .Refuses(400, "bad-query").Refuses(401, "unauthorized").Refuses(403, "forbidden");

    private static Task<IResult> AllAsync(string? cursor, int? limit, HttpContext context, RegistryDatabase database, CancellationToken cancellation) =>
        EndpointPolicies.Demand(context, Deed.Administer, null, null) is { } refused ? Task.FromResult(refused.ToResult()) : ReadAsync(Extent.All, cursor, limit, context, database, cancellation);

    private static Task<IResult> OfNamespaceAsync(
        string @namespace, string? cursor, int? limit, HttpContext context, RegistryDatabase database, CancellationToken cancellation) =>
        ReadAsync(new Extent(@namespace, SinceOf(@namespace, context)), cursor, limit, context, database, cancellation);

    /// <summary>What was done before the namespace was made is about another's of the same name.</summary>
    private static long SinceOf(string space, HttpContext context)
    {
        var services = context.RequestServices;
        return services.GetRequiredService<Rights>().MayAdminister(Caller.Of(context)) ? 0 : services.GetRequiredService<SnapshotFeed>().Current.Namespaces.GetValueOrDefault(space)?.CreatedAt ?? long.MaxValue;
    }

    private static async Task<IResult> ReadAsync(Extent extent, string? cursor, int? limit, HttpContext context, RegistryDatabase database, CancellationToken cancellation)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("application/x-ndjson", StringComparison.OrdinalIgnoreCase)))
            return Results.Stream(body => ExportAsync(body, extent, database, cancellation), "application/x-ndjson");
        var page = PageQuery.Read("audit", cursor, limit, key => long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        var before = page.After is null ? long.MaxValue : long.Parse(page.After, CultureInfo.InvariantCulture);
        var rows = await database.ReadAsync(db => extent.Of(db.Audit).Where(row => row.Id < before)
            .OrderByDescending(row => row.Id).Take(page.Limit + 1).ToListAsync(cancellation), cancellation);
        return Results.Json(page.Of(rows, row => row.Id.ToString(CultureInfo.InvariantCulture), AuditDocument.From));
    }

    private static Task ExportAsync(Stream body, Extent extent, RegistryDatabase database, CancellationToken cancellation) => database.ReadAsync(async db =>
    {
        await foreach (var row in extent.Of(db.Audit).OrderBy(row => row.Id).AsAsyncEnumerable().WithCancellation(cancellation))
            await body.WriteAsync(Encoding.UTF8.GetBytes(Json.Write(AuditDocument.From(row)) + "\n"), cancellation);
    }, cancellation);

    /// <param name="Space">Null for all of it.</param>
    /// <param name="Since">Unix milliseconds.</param>
    private sealed record Extent(string? Space, long Since)
    {
        public static readonly Extent All = new(null, 0);

        public IQueryable<AuditEntry> Of(IQueryable<AuditEntry> audit) => Space is null ? audit : audit.Where(row => row.Namespace == Space && row.At >= Since);
    }
}

/// <summary>One act.</summary>
/// <param name="Who">A user's or token's name, <c>anonymous</c>, or <c>registry</c> for what it does by itself.</param>
/// <param name="Action">Kind of the event, or method and path of a refused request.</param>
/// <param name="Outcome"><c>done</c>, or <c>refused</c> with the status.</param>
/// <param name="Event">Serial of the event that came of it.</param>
public sealed record AuditDocument(
    long Id, DateTimeOffset At, string Who, string? Address, long? TokenId, string Action, string Subject, string? Namespace, string Outcome, long? Event)
{
    public static AuditDocument From(AuditEntry row) => new(row.Id, DateTimeOffset.FromUnixTimeMilliseconds(row.At), row.Who, row.Address, row.TokenId, row.Action, row.Subject,
        row.Namespace, row.Outcome, row.EventSerial);
}
