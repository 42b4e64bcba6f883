using System.Globalization;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Webhooks;

/// <summary>What owners do to see whether a webhook works: look at its deliveries, have one sent, tell events again.</summary>
internal static class WebhookTrialEndpoints
{
    public static void MapWebhookTrials(this RouteGroupBuilder hooks)
    {
        hooks.MapMethods("{id:long}/deliveries", Reading.Methods, ListAsync).Needs(Deed.Manage).WithName("listWebhookDeliveries").WithSummary("List what a webhook was sent, newest first")
            .WithDescription("The newest attempts (100 by default); follow `next` for more.")
            .Returns<Page<WebhookDeliveryDocument>>(200, "A page of attempts.", $$"""{"items": [{{WebhookDeliveryDocument.Example}}]}""")
            .Refuses(400, "bad-query").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found", "webhook-not-found");
        hooks.MapPost("{id:long}/ping", PingAsync).Needs(Deed.Manage).WithName("pingWebhook").WithSummary("Send an event of the kind ping now")
            .WithDescription("Also to one that is disabled. The answer says how that went.")
            .Returns<WebhookDeliveryDocument>(200, "The attempt.", """{"id": 19, "kind": "ping", "attempt": 1, "at": "2026-01-01T12:00:31+00:00", "status": 204, "milliseconds": 38}""")
            .Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found", "webhook-not-found").Refuses(409, "webhook-secret-lost");
        hooks.MapPost("{id:long}/replay", ReplayAsync).Needs(Deed.Manage).WithName("replayWebhook").WithSummary("Tell a webhook events again, or skip some")
            .WithDescription("Those after the serial `after` that it wants, in order, as `/api/v1/events` has them; of a namespace of the same name before this one, none. Delivery ids are those of the first time.")
            .WithMetadata(new JsonRequest(typeof(ReplayDocument), """{"after": 40}"""))
            .Returns<WebhookDocument>(202, "The webhook; deliveries follow.", WebhookDocument.Example)
            .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found", "webhook-not-found").Refuses(415, "not-json").Refuses(422, "bad-field");
    }

    private static async Task<IResult> ListAsync(string @namespace, long id, string? cursor, int? limit, RegistryDatabase database, CancellationToken cancellation)
    {
        var page = PageQuery.Read("deliveries", cursor, limit, key => long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        if (await WebhookEndpoints.FindAsync(@namespace, id, database, cancellation) is null)
            return WebhookEndpoints.NoSuchWebhook(@namespace, id).ToResult();
        var before = page.After is null ? long.MaxValue : long.Parse(page.After, CultureInfo.InvariantCulture);
        var (rows, events) = await database.ReadAsync(async db =>
        {
            var some = await db.WebhookDeliveries.Where(row => row.WebhookId == id && row.Id < before).OrderByDescending(row => row.Id).Take(page.Limit + 1).ToListAsync(cancellation);
            var serials = some.Select(row => row.Serial).Distinct().ToList();
            return (some, await db.Events.Where(told => serials.Contains(told.Serial)).ToDictionaryAsync(told => told.Serial, cancellation));
        }, cancellation);
        return Results.Json(page.Of(rows, row => row.Id.ToString(CultureInfo.InvariantCulture), row => WebhookDeliveryDocument.From(row, events.GetValueOrDefault(row.Serial))));
    }

    private static async Task<IResult> PingAsync(
        string @namespace, long id, RegistryDatabase database, WebhookRows rows, WebhookPost post, WebhookSecrets secrets, TimeProvider clock, RegistryUrls urls, CancellationToken cancellation)
    {
        if (await WebhookEndpoints.FindAsync(@namespace, id, database, cancellation) is not { } hook)
            return WebhookEndpoints.NoSuchWebhook(@namespace, id).ToResult();
        if (secrets.Open(hook.Secret) is not { } secret)
            return new Refusal(409, "webhook-secret-lost", "The secret of the webhook cannot be read.", "The registry does not have the keys that it was stored with: PATCH the webhook with a new secret.").ToResult();
        var posted = await post.SendAsync(new Uri(hook.Url), secret, WebhookMessage.Ping(@namespace, id, clock.GetUtcNow(), urls), id, 1, cancellation);
        var noted = await database.ChangeAsync(async change =>
        {
            var row = await rows.NoteAsync(change, id, 0, 1, posted);
            await change.Db.SaveChangesAsync(change.Cancellation);
            return row;
        }, cancellation);
        return Results.Json(WebhookDeliveryDocument.From(noted, null));
    }

    private static async Task<IResult> ReplayAsync(string @namespace, long id, HttpContext context, RegistryDatabase database, RegistryUrls urls)
    {
        var asked = await JsonBody.ReadAsync(context.Request, "after");
        var after = asked.Count("after") ?? throw JsonBody.Bad("after", "is missing: the serial of the event after which it goes on; 0 for all.");
        var row = await WebhookEndpoints.ChangeAsync(database, @namespace, id, (change, hook) =>
        {
            (hook.Cursor, hook.Failures, hook.NotBefore) = (after, 0, 0);
            change.Tell(WebhookEvents.Replayed, @namespace, new { webhook = id, host = new Uri(hook.Url).Host, after });
        }, context.RequestAborted, async change =>
        {
            var head = await change.Db.EventHeads.Select(row => row.Serial).SingleAsync(change.Cancellation);
            if (after > head)
                throw JsonBody.Bad("after", $"is {after}; the last event is {head}.");
        });
        return Results.Accepted(WebhookDocument.UrlOf(urls, @namespace, id), WebhookDocument.From(row, @namespace, urls));
    }
}
