using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Channels;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Versions;

/// <summary><c>PATCH …/versions/{version}</c>: yank and deprecate.</summary>
public static class VersionEndpoints
{
    public static void MapVersions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/components/{namespace}/{name}/versions/{version}/purge", PurgeAsync).NeedsByHandler(Deed.Administer).WithTags("Versions").WithName("purgeVersion")
            .WithSummary("Remove what a version holds, for good")
            .WithDescription("For a secret or personal data that must not stay. Files, definition, forms, log and the layers that only this version uses go at once, on every node; "
                + "its URLs answer 410 with the reason, its number stays taken and the audit stays. The component shows itself as its highest remaining version says, and its events lose their texts. "
                + "Bytes that were stored within the last seconds take that long to go. What is in use even then goes at the next start or with gc; asking again tries again.")
            .WithMetadata(new JsonRequest(typeof(PurgeDocument), """{"reason": "Holds a patient's name."}"""))
            .Returns<VersionDocument>(200, "The version, emptied.", Examples.Version).Returns<VersionDocument>(202, "The same, while some of its bytes are in use and stay a little longer.", Examples.Version)
            .Refuses(400, "bad-version", "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "component-not-found", "version-not-found")
            .Refuses(409, "version-not-ended").Refuses(415, "not-json").Refuses(422, "bad-field");
        routes.MapPatch("/api/v1/components/{namespace}/{name}/versions/{version}", PatchAsync).WithTags("Versions").WithName("changeVersion")
            .WithSummary("Yank or deprecate a version")
            .WithDescription("A JSON merge patch: what is absent stays, null clears. A yanked version is left out of lists, ranges and a `latest` that moves by itself; "
                + "exact versions, digests and channels that a publisher set go on. `successor` says what to use instead of a deprecated version: "
                + "a version of this component, or `namespace/name` with or without `@version`. `reads` says who used the version, also in the last 30 days. With `If-Match` only if the version is as it was read.")
            .Needs(Deed.Yank)
            .WithMetadata(new JsonRequest(typeof(VersionPatchDocument), """{"yanked": true, "reason": "Drops the last row."}"""))
            .Returns<VersionDocument>(200, "The version as it now is.", Examples.Version)
            .Refuses(400, "bad-version", "bad-request", "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden")
            .Refuses(404, "component-not-found", "version-not-found").Refuses(409, "version-not-ready")
            .Refuses(412, "precondition-failed").Refuses(413, "body-too-large").Refuses(415, "not-json").Refuses(422, "bad-field");
    }

    private static async Task<IResult> PurgeAsync(
        string @namespace, string name, string version, HttpContext context, VersionPurge purge, SnapshotFeed feed, RegistryUrls urls, Notices notices)
    {
        if (EndpointPolicies.Demand(context, Deed.Administer, @namespace, name) is { } refused)
            return refused.ToResult();
        if (!SemanticVersion.TryParse(version, out var number))
            return new Refusal(400, "bad-version", "The version cannot be used.", "One exact version is purged at a time, such as 1.2.0.").ToResult();
        var reason = (await JsonBody.ReadAsync(context.Request, "reason")).Text("reason") ?? throw JsonBody.Bad("reason", "is missing: those who come to the version's URLs read it.");
        var isGone = await purge.RunAsync(@namespace, name, number.ToString(), reason);
        if (feed.Current.Find(@namespace, name) is not { } component || component.Find(number) is not { } entry)
            return Missing.Version($"{@namespace}/{name}", version).ToResult();
        var document = VersionDocument.From(component, entry, urls, notices);
        return isGone ? Served.Json(document) : Results.Json(document, Json.Options, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> PatchAsync(
        string @namespace, string name, string version, HttpContext context, ComponentChanges changes, ImageStore images,
        ShownReads shown, SnapshotFeed feed, RegistryUrls urls, Notices notices)
    {
        if (!SemanticVersion.TryParse(version, out var number))
            return new Refusal(400, "bad-version", "The version cannot be used.",
                "One exact version is changed at a time, such as 1.2.0: no range, channel or digest.").ToResult();
        var patch = new VersionPatch(await JsonBody.ReadAsync(context.Request, VersionPatch.Names));
        await changes.RunAsync(@namespace, name, Conditions.Of(context.Request), Document,
            (change, component) => ApplyAsync(change, component, $"{@namespace}/{name}", number.ToString(), patch, CatalogView.Of(context), images), context.RequestAborted);
        var changed = feed.Current.Find(@namespace, name)!;
        var document = Document(changed)!;
        // The tag stays the one of the version's document, which knows nothing of reads.
        return await shown.OfAsync(changed.Find(number)!.Id, CancellationToken.None) is { } reads
            ? document with { Bytes = Served.Json(VersionDocument.From(changed, changed.Find(number)!, urls, notices) with { Reads = reads }).Bytes }
            : document;

        Served? Document(ComponentEntry component) =>
            component.Find(number) is { } entry ? Served.Json(VersionDocument.From(component, entry, urls, notices)) : null;
    }

    private static async Task ApplyAsync(Change change, long component, string subject, string number, VersionPatch patch, CatalogView view, ImageStore images)
    {
        var version = await change.Db.Versions.SingleOrDefaultAsync(row => row.ComponentId == component && row.Number == number, change.Cancellation)
            ?? throw new RefusedException(Missing.Version(subject, number));
        if (version.State != VersionState.Ready)
            throw new RefusedException(Missing.NotReady(subject, number, version.State));
        if (!await patch.ApplyAsync(change, subject, version, view))
            return;
        await change.Db.Components.Where(row => row.Id == component)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.UpdatedAt, change.Now), change.Cancellation);
        // What latest means may have moved, and its image tag with it.
        await ChannelTags.SettleAsync(change, images, component, subject);
    }
}

/// <summary>Why a version is purged.</summary>
public sealed record PurgeDocument(string Reason);
