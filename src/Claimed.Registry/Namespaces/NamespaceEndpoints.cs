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
        {"name": "acme", "visibility": "public", "onlyTrusted": false, "links": {"self": "http://localhost:8080/api/v1/namespaces/acme", "components": "http://localhost:8080/api/v1/components?namespace=acme", "members": "http://localhost:8080/api/v1/namespaces/acme/members"}}
        """;

    public static void MapNamespaces(this IEndpointRouteBuilder routes)
    {
        var namespaces = routes.MapGroup("/api/v1/namespaces").WithTags("Namespaces");
        namespaces.MapMethods("", Reading.Methods, List).BySight().WithName("listNamespaces").WithSummary("List namespaces").WithDescription("By name. Follow `next` as `cursor` for more.")
            .Returns<Page<NamespaceDocument>>(200, "A page of namespaces.", $$"""{"items": [{{Example}}]}""").Refuses(400, "bad-query");
        namespaces.MapMethods("{namespace}", Reading.Methods, Get).BySight().WithName("getNamespace").WithSummary("Read one namespace")
            .Returns<NamespaceDocument>(200, "The namespace.", Example).Refuses(404, "namespace-not-found");
        namespaces.MapPut("{namespace}", PutAsync).NeedsSignIn().WithName("createNamespace").WithSummary("Create a namespace")
            .WithDescription("For administrators, or with `Access__NamespacesBy=Everyone` for all people who are signed in, who own it then. "
                + "The body, which may be left out, says what a new one is like; without it everyone sees what is in it. "
                + "A namespace that is there already is answered with 200, or with 409 when the body asks for another; an administrator's publish into a new one creates it too.")
            .WithMetadata(new JsonRequest(typeof(NamespacePatchDocument), """{"visibility": "private"}"""))
            .Returns<NamespaceDocument>(201, "The namespace is new.", Example).Returns<NamespaceDocument>(200, "It was there already.", Example)
            .Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-invalid", "namespace-not-found")
            .Refuses(400, "malformed-json").Refuses(409, "namespace-exists").Refuses(415, "not-json").Refuses(422, "bad-field");
        namespaces.MapPatch("{namespace}", PatchAsync).Needs(Deed.Manage).WithName("changeNamespace").WithSummary("Change who sees a namespace, and who may publish into it")
            .WithDescription("A JSON merge patch: `visibility` is `public` or `private`; with `onlyTrusted` versions come from CI jobs under a trust rule alone.")
            .WithMetadata(new JsonRequest(typeof(NamespacePatchDocument), """{"visibility": "private"}"""))
            .Returns<NamespaceDocument>(200, "The namespace as it now is.", Example)
            .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found").Refuses(415, "not-json").Refuses(422, "bad-field");
        namespaces.MapDelete("{namespace}", DeleteAsync).Needs(Deed.Manage).WithName("deleteNamespace").WithSummary("Delete an empty namespace")
            .WithDescription("Only one in which nothing was ever published: URLs are for ever. Its tokens, members and trust rules go with it.")
            .Returns(204, "It is gone.").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found").Refuses(409, "namespace-not-empty");
    }

    private static IResult List(string? cursor, int? limit, HttpContext context, RegistryUrls urls)
    {
        var page = PageQuery.Read("namespaces", cursor, limit);
        return Served.Json(page.Of(CatalogView.Of(context).Namespaces.Where(space => page.After is null || string.CompareOrdinal(space.Name, page.After) > 0),
            space => space.Name, space => NamespaceDocument.From(space, urls)));
    }

    private static IResult Get(string @namespace, HttpContext context, RegistryUrls urls) => CatalogView.Of(context).Namespace(@namespace) is { } space
        ? Served.Json(NamespaceDocument.From(space, urls))
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

        var document = NamespaceDocument.From(space, urls);
        return Served.Json(document) with { CreatedAt = isNew ? document.Links["self"] : null };
    }

    private static async Task<IResult> PatchAsync(string @namespace, HttpContext context, RegistryDatabase database, SnapshotFeed feed, RegistryUrls urls)
    {
        var wish = await NamespaceWish.ReadAsync(context.Request);
        await database.ChangeAsync(async change =>
        {
            var row = await change.LockNamespaceAsync(@namespace);
            var before = (row.IsPrivate, row.OnlyTrusted);
            wish.Apply(row);
            if (before != (row.IsPrivate, row.OnlyTrusted))
                change.Tell("namespace.changed", @namespace, new { visibility = row.IsPrivate ? "private" : "public", onlyTrusted = row.OnlyTrusted });
        }, context.RequestAborted);
        return feed.Current.Namespaces.GetValueOrDefault(@namespace) is { } space ? Served.Json(NamespaceDocument.From(space, urls)) : Missing.Namespace(@namespace).ToResult();
    }

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

/// <summary>Who owns components.</summary>
/// <param name="Visibility"><c>public</c>, or <c>private</c>: only members see it.</param>
/// <param name="OnlyTrusted">Versions come from CI jobs under a trust rule alone.</param>
/// <param name="Links"><c>self</c>, <c>components</c> and <c>members</c>.</param>
public sealed record NamespaceDocument(string Name, string Visibility, bool OnlyTrusted, IReadOnlyDictionary<string, string> Links)
{
    public static NamespaceDocument From(NamespaceEntry space, RegistryUrls urls) =>
        new(space.Name, space.IsPrivate ? "private" : "public", space.OnlyTrusted, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["self"] = urls.Namespace(space.Name),
            ["components"] = $"{urls.Base}/api/v1/components?namespace={space.Name}",
            ["members"] = $"{urls.Namespace(space.Name)}/members",
        });
}

/// <summary>What a PUT or PATCH of a namespace says: absent stays.</summary>
/// <param name="Visibility"><c>public</c> or <c>private</c>.</param>
/// <param name="OnlyTrusted">Refuse versions that come with tokens which someone keeps.</param>
public sealed record NamespacePatchDocument(string? Visibility, bool? OnlyTrusted);
