using Claimed.Database.Events;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Webhooks;

/// <summary><c>/api/v1/namespaces/{namespace}/webhooks</c>: who is told what happens there.</summary>
public static class WebhookEndpoints
{
    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var hooks = routes.MapGroup("/api/v1/namespaces/{namespace}/webhooks").WithTags("Webhooks");
        hooks.MapPost("", PostAsync).Needs(Deed.Manage).WithName("addWebhook").WithSummary("Have an address told what happens in a namespace")
            .WithDescription("Each event is one POST with a JSON body, signed with the secret: `X-Claimed-Signature-256` (and `X-Hub-Signature-256`) is `sha256=` and the HMAC-SHA256 of the body in hex. "
                + "It is told what happens from now on, in order and at least once; `replay` tells older events. `events` has kinds such as `version.ready`, families such as `version.*`, or `*`.")
            .WithMetadata(new JsonRequest(typeof(NewWebhookDocument), """{"url": "https://ci.example.org/hooks/claimed", "events": ["version.ready", "version.failed"]}"""))
            .Returns<WebhookDocument>(201, "The webhook. A secret that the registry made is shown here and never again.", WebhookDocument.Example.Replace("\"createdBy\"", "\"secret\": \"clmw_…\", \"createdBy\"", StringComparison.Ordinal))
            .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found").Refuses(409, "too-many-webhooks")
            .Refuses(415, "not-json").Refuses(422, "bad-field");
        hooks.MapMethods("", Reading.Methods, ListAsync).Needs(Deed.Manage).WithName("listWebhooks").WithSummary("List the webhooks of a namespace")
            .Returns<Page<WebhookDocument>>(200, "All of them, without secrets.", $$"""{"items": [{{WebhookDocument.Example}}]}""")
            .Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found");
        hooks.MapMethods("{id:long}", Reading.Methods, GetAsync).Needs(Deed.Manage).WithName("getWebhook").WithSummary("Read one webhook")
            .Returns<WebhookDocument>(200, "The webhook, without its secret.", WebhookDocument.Example)
            .Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found", "webhook-not-found");
        hooks.MapPatch("{id:long}", PatchAsync).Needs(Deed.Manage).WithName("changeWebhook").WithSummary("Change a webhook, or enable it again")
            .WithDescription("A JSON merge patch. One that is enabled again goes on with the event after the last that it took; `replay` before or after that skips some.")
            .WithMetadata(new JsonRequest(typeof(WebhookPatchDocument), """{"enabled": true}"""))
            .Returns<WebhookDocument>(200, "The webhook as it now is.", WebhookDocument.Example)
            .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found", "webhook-not-found").Refuses(415, "not-json").Refuses(422, "bad-field");
        hooks.MapDelete("{id:long}", DeleteAsync).Needs(Deed.Manage).WithName("removeWebhook").WithSummary("End a webhook")
            .Returns(204, "It is told nothing more.").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found", "webhook-not-found");
        hooks.MapWebhookTrials();
    }

    internal static Refusal NoSuchWebhook(string space, long id) =>
        new(404, "webhook-not-found", "There is no such webhook.", $"{space} has no webhook {id}; GET /api/v1/namespaces/{space}/webhooks lists them.");

    /// <summary>The row; null when the namespace has none of that number.</summary>
    internal static Task<Webhook?> FindAsync(string space, long id, RegistryDatabase database, CancellationToken cancellation) => database.ReadAsync(
        db => db.Webhooks.SingleOrDefaultAsync(row => row.Id == id && db.Namespaces.Any(owner => owner.Id == row.NamespaceId && owner.Name == space), cancellation), cancellation);

    private static async Task<IResult> PostAsync(
        string @namespace, HttpContext context, RegistryDatabase database, WebhookSecrets secrets, IOptions<WebhookOptions> options, RegistryUrls urls)
    {
        var wish = await WebhookWish.ReadAsync(context.Request, options.Value, "url", "events", "secret");
        if (wish.Url is null)
            throw JsonBody.Bad("url", "is missing: name the address that is to be told.");
        var made = wish.Secret is null ? WebhookSecrets.New() : null;
        var row = await database.ChangeAsync(async change =>
        {
            var owner = await HeldOwnerAsync(change, @namespace);
            if (await change.Db.Webhooks.CountAsync(other => other.NamespaceId == owner, change.Cancellation) >= WebhookOptions.MostPerNamespace)
                throw new RefusedException(new Refusal(409, "too-many-webhooks", "The namespace has too many webhooks.", $"{WebhookOptions.MostPerNamespace} are the most; end one that is not needed."));
            var hook = new Webhook
            {
                NamespaceId = owner,
                Url = wish.Url,
                Secret = secrets.Seal(wish.Secret ?? made!),
                Kinds = Json.Write(wish.Kinds ?? WebhookKinds.Usual),
                CreatedAt = change.Now,
                CreatedBy = Caller.Of(context).Name,
                Cursor = await change.Db.EventHeads.Select(head => head.Serial).SingleAsync(change.Cancellation),
            };
            change.Db.Webhooks.Add(hook);
            // The event names its number.
            await change.Db.SaveChangesAsync(change.Cancellation);
            change.Tell(WebhookEvents.Added, @namespace, Facts(hook));
            return hook;
        }, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Created(WebhookDocument.UrlOf(urls, @namespace, row.Id), WebhookDocument.From(row, @namespace, urls, made));
    }

    private static async Task<IResult> ListAsync(string @namespace, RegistryDatabase database, RegistryUrls urls, CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(db => db.Webhooks.Where(row => db.Namespaces.Any(space => space.Id == row.NamespaceId && space.Name == @namespace))
            .OrderBy(row => row.Id).ToListAsync(cancellation), cancellation);
        return Results.Json(new Page<WebhookDocument>(rows.ConvertAll(row => WebhookDocument.From(row, @namespace, urls)), null));
    }

    private static async Task<IResult> GetAsync(string @namespace, long id, RegistryDatabase database, RegistryUrls urls, CancellationToken cancellation) =>
        await FindAsync(@namespace, id, database, cancellation) is { } row ? Results.Json(WebhookDocument.From(row, @namespace, urls)) : NoSuchWebhook(@namespace, id).ToResult();

    private static async Task<IResult> PatchAsync(
        string @namespace, long id, HttpContext context, RegistryDatabase database, WebhookSecrets secrets, IOptions<WebhookOptions> options, RegistryUrls urls)
    {
        var wish = await WebhookWish.ReadAsync(context.Request, options.Value, "url", "events", "secret", "enabled");
        var row = await ChangeAsync(database, @namespace, id, (change, hook) =>
        {
            var before = (hook.Url, hook.Kinds);
            hook.Url = wish.Url ?? hook.Url;
            hook.Kinds = wish.Kinds is null ? hook.Kinds : Json.Write(wish.Kinds);
            // What failed was another address, or perhaps another event.
            if (before != (hook.Url, hook.Kinds))
                (hook.Failures, hook.NotBefore) = (0, 0);
            hook.Secret = wish.Secret is null ? hook.Secret : secrets.Seal(wish.Secret);
            if (wish.Enabled == false)
                hook.Disabled ??= $"Disabled by {Caller.Of(context).Name}.";
            else if (wish.Enabled == true)
                (hook.Disabled, hook.Failures, hook.NotBefore) = (null, 0, 0);
            change.Tell(WebhookEvents.Changed, @namespace, Facts(hook));
        }, context.RequestAborted);
        return Results.Json(WebhookDocument.From(row, @namespace, urls));
    }

    private static async Task<IResult> DeleteAsync(string @namespace, long id, HttpContext context, RegistryDatabase database)
    {
        await ChangeAsync(database, @namespace, id, (change, hook) =>
        {
            change.Db.Webhooks.Remove(hook);
            change.Tell(WebhookEvents.Removed, @namespace, Facts(hook));
        }, context.RequestAborted);
        await database.ChangeAsync(change => change.Db.WebhookDeliveries.Where(row => row.WebhookId == id).ExecuteDeleteAsync(change.Cancellation), context.RequestAborted);
        return Results.NoContent();
    }

    /// <summary>Changes a row, and takes it from whoever delivers at the moment: what that process writes afterwards does not count.</summary>
    internal static Task<Webhook> ChangeAsync(RegistryDatabase database, string space, long id, Action<Change, Webhook> work, CancellationToken cancellation,
        Func<Change, Task>? check = null) =>
        database.ChangeAsync(async change =>
        {
            if (check is not null)
                await check(change);
            var owner = await HeldOwnerAsync(change, space);
            if (await change.Db.Webhooks.Where(hook => hook.Id == id && hook.NamespaceId == owner).ExecuteUpdateAsync(
                set => set.SetProperty(hook => hook.Fence, hook => hook.Fence + 1).SetProperty(hook => hook.Holder, (string?)null), change.Cancellation) == 0)
                throw new RefusedException(NoSuchWebhook(space, id));
            var row = await change.Db.Webhooks.SingleAsync(hook => hook.Id == id, change.Cancellation);
            work(change, row);
            return row;
        }, cancellation);

    /// <summary>Id of the namespace, whose row is ours: one that is deleted meanwhile leaves no webhook behind.</summary>
    private static async Task<long> HeldOwnerAsync(Change change, string space)
    {
        var ids = await change.Db.QueryAsync($"""UPDATE namespaces SET "Name" = "Name" WHERE "Name" = {space} RETURNING "Id" """, row => row.GetInt64(0), change.Cancellation);
        return ids is [var id] ? id : throw new RefusedException(Missing.Namespace(space));
    }

    // Paths of such addresses are often secrets.
    internal static object Facts(Webhook hook) => new { webhook = hook.Id, host = new Uri(hook.Url).Host };
}
