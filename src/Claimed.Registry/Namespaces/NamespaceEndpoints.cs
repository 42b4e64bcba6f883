using Claimed.Components;
using Claimed.Database.Access;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Namespaces;

/// <summary><c>/api/v1/namespaces</c>: who owns what, and who sees it.</summary>
public static class NamespaceEndpoints
{
    internal const string Example = """
        {"name": "acme", "visibility": "public", "onlyTrusted": false, "quota": {"bytes": 50000000000}, "usage": {"bytes": 1840230511, "repositories": 12}, "immutableTags": ["v*"], "retention": [{"repositories": "*", "tags": "pr-*", "keepLast": 10, "keepFor": "30d"}], "links": {"self": "http://localhost:8080/api/v1/namespaces/acme", "components": "http://localhost:8080/api/v1/components?namespace=acme", "members": "http://localhost:8080/api/v1/namespaces/acme/members"}}
        """;

    public static void MapNamespaces(this IEndpointRouteBuilder routes)
    {
        var namespaces = routes.MapGroup("/api/v1/namespaces").WithTags("Namespaces");
        namespaces.MapMethods("", Reading.Methods, ListAsync).BySight().WithName("listNamespaces").WithSummary("List namespaces").WithDescription("By name. Follow `next` as `cursor` for more.")
            .Returns<Page<NamespaceDocument>>(200, "A page of namespaces.", $$"""{"items": [{{Example}}]}""").Refuses(400, "bad-query");
        namespaces.MapMethods("{namespace}", Reading.Methods, GetAsync).BySight().WithName("getNamespace").WithSummary("Read one namespace")
            .Returns<NamespaceDocument>(200, "The namespace.", Example).Refuses(404, "namespace-not-found");
        namespaces.MapPut("{namespace}", PutAsync).NeedsSignIn().WithName("createNamespace").WithSummary("Create a namespace")
            .WithDescription("For administrators, or with `Access__NamespacesBy=Everyone` for all people who are signed in, who own it then. "
                + "The body, which may be left out, says what a new one is like; without it everyone sees what is in it. "
                + "A namespace that is there already is answered with 200, or with 409 when the body asks for another; an administrator's publish into a new one creates it too.")
            .WithMetadata(new JsonRequest(typeof(NamespacePatchDocument), """{"visibility": "private"}"""))
            .Returns<NamespaceDocument>(201, "The namespace is new.", Example).Returns<NamespaceDocument>(200, "It was there already.", Example)
            .Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-invalid", "namespace-not-found")
            .Refuses(400, "malformed-json").Refuses(409, "namespace-exists").Refuses(415, "not-json").Refuses(422, "bad-field");
        namespaces.MapPatch("{namespace}", PatchAsync).Needs(Deed.Manage).WithName("changeNamespace").WithSummary("Change who sees a namespace, who may publish into it, and the rules of its images")
            .WithDescription("A JSON merge patch: `visibility` is `public` or `private`; with `onlyTrusted` versions come from CI jobs under a trust rule alone. "
                + "`quota` bounds what its images take and `builds` its builds, and administrators alone set them. A tag that `immutableTags` matches is neither moved nor deleted by those who push. "
                + "`retention` says which tags stay: one that rules cover goes with the next collection once none of them keeps it; the preview tells which.")
            .WithMetadata(new JsonRequest(typeof(NamespacePatchDocument), """{"immutableTags": ["v*"], "retention": [{"tags": "pr-*", "keepLast": 10, "keepFor": "30d"}]}"""))
            .Returns<NamespaceDocument>(200, "The namespace as it now is.", Example)
            .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found").Refuses(415, "not-json").Refuses(422, "bad-field");
        namespaces.MapDelete("{namespace}", DeleteAsync).Needs(Deed.Manage).WithName("deleteNamespace").WithSummary("Delete an empty namespace")
            .WithDescription("Only one in which nothing was ever published: URLs are for ever. Its tokens, members and trust rules go with it.")
            .Returns(204, "It is gone.").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found").Refuses(409, "namespace-not-empty");
    }

    private static async Task<IResult> ListAsync(string? cursor, int? limit, HttpContext context, RegistryDatabase database, RegistryUrls urls)
    {
        var page = PageQuery.Read("namespaces", cursor, limit);
        var shown = page.Of(CatalogView.Of(context).Namespaces.Where(space => page.After is null || string.CompareOrdinal(space.Name, page.After) > 0), space => space.Name, space => space);
        return Served.Json(new Page<NamespaceDocument>(await NamespaceDocument.FromAsync(shown.Items, database, urls, context.RequestAborted), shown.Next));
    }

    private static async Task<IResult> GetAsync(string @namespace, HttpContext context, RegistryDatabase database, RegistryUrls urls) =>
        CatalogView.Of(context).Namespace(@namespace) is { } space
            ? Served.Json(await NamespaceDocument.FromAsync(space, database, urls, context.RequestAborted))
            : Missing.Namespace(@namespace).ToResult();

    private static async Task<IResult> PutAsync(
        string @namespace, HttpContext context, RegistryDatabase database, SnapshotFeed feed, Rights rights, IOptions<AccessOptions> options, RegistryUrls urls)
    {
        var caller = Caller.Of(context);
        var mayMakeOwn = options.Value.NamespacesBy == NamespaceMakers.Everyone && caller.UserName is not null && caller.Scopes.HasFlag(Scopes.Manage)
            && caller.Pattern.Covers(@namespace, null);
        if (!rights.MayAdminister(caller) && !mayMakeOwn)
            return AccessRefusals.NotAllowed(caller, Deed.Administer, null).ToResult();
        if (!ComponentName.IsNamespace(@namespace))
            return Missing.BadNamespace(@namespace).ToResult();
        var wish = await NamespaceWish.ReadAsync(context.Request, mayBeEmpty: true);
        if (RefusalOfQuota(wish, caller, rights) is { } forbidden)
            return forbidden.ToResult();
        var isNew = await database.ChangeAsync(async change =>
        {
            if (!await change.UseNamespaceAsync(@namespace))
                return false;
            // Images from before every repository had a namespace are nobody's to take over.
            if (!rights.MayAdminister(caller) && await change.HoldsImagesAsync(@namespace))
                throw new RefusedException(Missing.Namespace(@namespace));
            if (caller.UserName is { } user && !caller.IsAdministrator)
                await NamespaceMembers.SetAsync(change, @namespace, MemberKind.User, user, MemberRole.Owner);
            if (!wish.IsEmpty)
                wish.Apply(await change.LockNamespaceAsync(@namespace));
            change.Tell("namespace.created", @namespace, new { });
            return true;
        }, context.RequestAborted);
        // One that is there and that the caller does not see is taken, but not shown.
        if (feed.Current.Namespaces.GetValueOrDefault(@namespace) is not { } space || !rights.SightOf(caller).Sees(space))
            return Missing.Namespace(@namespace).ToResult();
        if (!isNew && !wish.Fits(space))
        {
            return new Refusal(409, "namespace-exists", "The namespace is there already.",
                $"{@namespace} is not as you ask for it. Change it with PATCH, or leave the body out.").ToResult();
        }

        var document = await NamespaceDocument.FromAsync(space, database, urls, context.RequestAborted);
        return Served.Json(document) with { CreatedAt = isNew ? document.Links["self"] : null };
    }

    private static async Task<IResult> PatchAsync(string @namespace, HttpContext context, RegistryDatabase database, SnapshotFeed feed, Rights rights, RegistryUrls urls)
    {
        var wish = await NamespaceWish.ReadAsync(context.Request);
        if (RefusalOfQuota(wish, Caller.Of(context), rights) is { } forbidden)
            return forbidden.ToResult();
        await database.ChangeAsync(async change =>
        {
            var row = await change.LockNamespaceAsync(@namespace);
            if (wish.Apply(row))
            {
                change.Tell("namespace.changed", @namespace, new
                {
                    visibility = row.IsPrivate ? "private" : "public",
                    onlyTrusted = row.OnlyTrusted,
                    quota = new QuotaDocument(row.QuotaBytes, row.QuotaRepositories),
                    builds = NamespaceLimits.Read(row.BuildLimits),
                    immutableTags = row.ImmutableTags is null ? [] : Json.Read<string[]>(row.ImmutableTags),
                    retention = RetentionRule.Read(row.Retention),
                });
            }
        }, context.RequestAborted);
        return feed.Current.Namespaces.GetValueOrDefault(@namespace) is { } space
            ? Served.Json(await NamespaceDocument.FromAsync(space, database, urls, context.RequestAborted))
            : Missing.Namespace(@namespace).ToResult();
    }

    private static Refusal? RefusalOfQuota(NamespaceWish wish, Caller caller, Rights rights) => (wish.Quota is null && wish.Builds is null) || rights.MayAdminister(caller)
        ? null
        : AccessRefusals.NotAllowed(caller, Deed.Administer, null) with { Detail = "The quota of a namespace and the limits of its builds are for administrators of the registry, with a token that has the scope admin for everything. Its owners change the rest." };

    private static async Task<IResult> DeleteAsync(string @namespace, HttpContext context, RegistryDatabase database)
    {
        await database.ChangeAsync(async change =>
        {
            var row = await change.LockNamespaceAsync(@namespace);
            if (await change.Db.Components.AnyAsync(component => component.NamespaceId == row.Id, change.Cancellation)
                || await change.HoldsImagesAsync(@namespace))
                throw new RefusedException(new Refusal(409, "namespace-not-empty", "The namespace is not empty.",
                    $"{@namespace} has components or images, whose URLs are for ever. Yank versions, or make the namespace private."));
            await NamespaceMembers.EndAllAsync(change, row);
            change.Db.Namespaces.Remove(row);
            change.Tell("namespace.deleted", @namespace, new { });
        }, context.RequestAborted);
        return Results.NoContent();
    }
}
