using System.Globalization;
using System.Text.Json;
using Claimed.Database.Events;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Events;

/// <summary><c>/api/v1/events</c>: everything that happened, in the order of commits.</summary>
public static class EventEndpoints
{
    private const int UsualPage = 100;
    private const int MaxPage = 500;
    private const int MaxLooked = 5000;
    private const int MaxWaitSeconds = 60;

    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/v1/events", Reading.Methods, ListAsync).BySight().WithTags("Events").WithName("listEvents").WithSummary("Follow what happens")
            .WithDescription("Events after the serial `after`, oldest first. `wait` (seconds, at most 60) holds the answer until there is one. "
                + "`next` is the serial to ask after next. With `newest=true` there are no items, and `next` is the serial of the newest event: whoever reads the catalog then, and follows from there, misses nothing.")
            .Returns<Page<EventDocument>>(200, "Events in serial order.", Examples.Events).Refuses(400, "bad-query");

    private static async Task<IResult> ListAsync(
        long? after, int? wait, int? limit, bool? newest, HttpContext context, RegistryDatabase database, SnapshotFeed feed, CancellationToken cancellation)
    {
        if (after < 0 || wait is < 0 or > MaxWaitSeconds)
            return PageQuery.BadQuery($"after counts from 0; wait is at most {MaxWaitSeconds} seconds.").Refusal.ToResult();
        PageQuery.CheckLimit(limit, MaxPage);
        if (newest == true)
            return Served.Json(new Page<EventDocument>([], feed.Current.Serial.ToString(CultureInfo.InvariantCulture)));
        var from = after ?? 0;
        if (wait > 0)
            await feed.WaitForAsync(snapshot => snapshot.Serial > from ? snapshot : null, TimeSpan.FromSeconds(wait.Value), cancellation);
        // While it waited the token may have been revoked.
        context.RequestServices.GetRequiredService<CredentialReading>().Again(context);
        // What this node has not seen yet it cannot judge: of a namespace that is new to it the reader would never hear.
        var seenUpTo = feed.Current.Serial;
        var sight = EventSight.Of(context);
        // What the caller does not see is passed over, and so may be asked after.
        var last = from;
        var rows = await database.ReadAsync(async db =>
        {
            var seen = new List<RegistryEvent>();
            await foreach (var row in db.Events.Where(row => row.Serial > from && row.Serial <= seenUpTo).OrderBy(row => row.Serial).Take(MaxLooked).AsAsyncEnumerable().WithCancellation(cancellation))
            {
                last = row.Serial;
                if (sight.Sees(row))
                    seen.Add(row);
                if (seen.Count == (limit ?? UsualPage))
                    break;
            }
            return seen;
        }, cancellation);
        var items = rows.ConvertAll(row => new EventDocument(
            row.Serial, DateTimeOffset.FromUnixTimeMilliseconds(row.At), row.Kind, row.Subject, JsonSerializer.Deserialize<JsonElement>(row.Payload)));
        return Served.Json(new Page<EventDocument>(items, last.ToString(CultureInfo.InvariantCulture)));
    }
}

/// <summary>Something that happened.</summary>
/// <param name="Serial">Order of commits; none is skipped.</param>
/// <param name="Kind">For example <c>version.published</c>, <c>version.ready</c>, <c>version.failed</c>.</param>
/// <param name="Subject">What it happened to, such as <c>acme/filter-csv</c>.</param>
/// <param name="Payload">Facts of this kind.</param>
public sealed record EventDocument(long Serial, DateTimeOffset At, string Kind, string Subject, JsonElement Payload);
