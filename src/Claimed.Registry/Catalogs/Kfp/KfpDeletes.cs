using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Versions;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>What the SDK waits for when something was deleted: without <c>done</c> it raises.</summary>
public sealed record KfpDoneDocument(bool Done);

/// <summary>The deleting calls. What others have pinned goes on: it is withdrawn, not removed.</summary>
internal static class KfpDeletes
{
    public static void MapKfpDeletes(this IEndpointRouteBuilder host)
    {
        Deletes(host.MapDelete("packages/{name}/versions/{version}", DeleteVersionAsync).WithName("deleteKfpVersion").WithSummary("Withdraw a version, for the KFP SDK")
            .WithDescription("It is gone for KFP clients, and left out of lists, ranges and a `latest` that moves by itself; URLs that name its number or digest go on. Its number is not used again, and publishing the same bytes brings it back."))
            .Refuses(404, "component-not-found", "version-not-found").Refuses(409, "version-tagged");
        Deletes(host.MapDelete("packages/{name}", DeletePackageAsync).WithName("deleteKfpPackage").WithSummary("Withdraw all versions of a package, for the KFP SDK")
            .WithDescription("Its tags are deleted, too, which a token for `yank` alone may not.")).Refuses(404, "component-not-found").Refuses(409, "version-not-ended");
    }

    private static RouteHandlerBuilder Deletes(RouteHandlerBuilder route) => route.Needs(Deed.Yank)
        .Returns<KfpDoneDocument>(200, "It is done.", """{"done":true}""").Refuses(401, "unauthorized").Refuses(403, "forbidden");

    private static async Task<IResult> DeleteVersionAsync(string @namespace, string name, string version, HttpContext context, Withdrawal withdrawal, TimeProvider clock)
    {
        if (KfpPackage.Find(context, @namespace, name, clock) is not { } package)
            return Missing.Component(@namespace, name).ToResult();
        // Only by digest: a tag is deleted as a tag.
        var numbers = package.AllByDigest(version).Select(found => found.Version.Number.ToString()).ToList();
        if (!Digest.IsSha256(version) || numbers.Count == 0)
            return KfpRefusals.NoVersion(package, version).ToResult();
        await withdrawal.VersionsAsync(@namespace, name, numbers, context.RequestAborted);
        return Results.Json(new KfpDoneDocument(true), Json.Options);
    }

    private static async Task<IResult> DeletePackageAsync(string @namespace, string name, HttpContext context, Withdrawal withdrawal, TimeProvider clock)
    {
        if (KfpPackage.Find(context, @namespace, name, clock) is null)
            return Missing.Component(@namespace, name).ToResult();
        // To move or delete a tag alone takes as much.
        await withdrawal.ComponentAsync(@namespace, name, EndpointPolicies.Demand(context, Deed.Publish, @namespace, name), context.RequestAborted);
        return Results.Json(new KfpDoneDocument(true), Json.Options);
    }
}
