using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Channels;
using Claimed.Registry.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>The writing calls about tags: a tag is a channel, and moving it moves the channel everywhere.</summary>
internal static class KfpTagChanges
{
    private const string Body = """{"name":"","version":"packages/filter-csv/versions/sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"}""";
    private const string Tag = """{"name":"packages/filter-csv/tags/stable","version":"packages/filter-csv/versions/sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"}""";

    public static void MapKfpTagChanges(this IEndpointRouteBuilder host)
    {
        Moves(host.MapPost("packages/{name}/tags", CreateAsync).WithName("createKfpTag").WithSummary("Create a tag, for the KFP SDK")
            .WithDescription("`tagId` is the tag, which is a channel of the component. What exists is moved with PATCH."));
        Moves(host.MapPatch("packages/{name}/tags/{tag}", UpdateAsync).WithName("updateKfpTag").WithSummary("Move a tag, for the KFP SDK")
            .WithDescription("Setting `latest` keeps it from moving by itself until it is deleted. Numbers of versions do not move."));
        host.MapDelete("packages/{name}/tags/{tag}", DeleteAsync).WithName("deleteKfpTag").WithSummary("Delete a tag, for the KFP SDK")
            .WithDescription("`latest` is given back to the registry, which moves it by itself again.").Needs(Deed.Publish)
            .Returns(200, "It is gone; the body is an empty JSON object.")
            .Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "component-not-found", "channel-not-found").Refuses(409, "tag-immutable");
    }

    private static void Moves(RouteHandlerBuilder route) => route.Needs(Deed.Publish).WithMetadata(new JsonRequest(typeof(KfpTagDocument), Body))
        .Returns<KfpTagDocument>(200, "The tag as it now is.", Tag)
        .Refuses(400, "bad-channel", "bad-reference", "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "component-not-found", "version-not-found", "channel-not-found")
        .Refuses(409, "tag-exists", "tag-immutable", "version-yanked", "version-expires").Refuses(413, "body-too-large").Refuses(415, "not-json").Refuses(422, "bad-field");

    private static async Task<IResult> CreateAsync(string @namespace, string name, [FromQuery] string? tagId, HttpContext context, ChannelMoves moves, TimeProvider clock)
    {
        var package = PackageOf(context, @namespace, name, clock);
        var tag = tagId ?? "";
        if (package.ByTag(tag) is not null)
            throw new RefusedException(KfpRefusals.TagExists(package, tag));
        return await MoveAsync(package, tag, context, moves, new Conditions(null, [EntityTagHeaderValue.Any]), KfpRefusals.TagExists(package, tag));
    }

    private static async Task<IResult> UpdateAsync(string @namespace, string name, string tag, HttpContext context, ChannelMoves moves, TimeProvider clock)
    {
        var package = PackageOf(context, @namespace, name, clock);
        return await MoveAsync(package, tag, context, moves, new Conditions([EntityTagHeaderValue.Any], null), KfpRefusals.NoTag(package, tag));
    }

    private static async Task<IResult> DeleteAsync(string @namespace, string name, string tag, HttpContext context, ChannelMoves moves, TimeProvider clock)
    {
        var package = PackageOf(context, @namespace, name, clock);
        DemandWord(package, tag);
        await moves.DeleteAsync(@namespace, name, tag, new Conditions(null, null), context.RequestAborted);
        return Results.Json(new Dictionary<string, string>());
    }

    /// <param name="otherwise">What the caller is told when the condition does not hold.</param>
    private static async Task<IResult> MoveAsync(KfpPackage package, string tag, HttpContext context, ChannelMoves moves, Conditions conditions, Refusal otherwise)
    {
        DemandWord(package, tag);
        var version = await WantedAsync(package, context.Request);
        var component = package.Component;
        try
        {
            await moves.SetAsync(component.Namespace, component.Name, tag, version.Version.Number, conditions, context.RequestAborted);
        }
        catch (RefusedException refused) when (refused.Refusal.Status == StatusCodes.Status412PreconditionFailed)
        {
            throw new RefusedException(otherwise);
        }
        return Results.Json(KfpTagDocument.Of(package, tag, version), Json.Options);
    }

    private static KfpPackage PackageOf(HttpContext context, string space, string name, TimeProvider clock) =>
        KfpPackage.Find(context, space, name, clock) ?? throw new RefusedException(Missing.Component(space, name));

    private static void DemandWord(KfpPackage package, string tag)
    {
        if (SemanticVersion.TryParse(tag, out _))
            throw new RefusedException(KfpRefusals.TagIsNumber(package, tag));
        if (!ChannelName.IsValid(tag))
            throw new RefusedException(new Refusal(400, "bad-channel", "The tag cannot have this name.", $"{VersionReference.Quoted(tag)} is no tag: a tag has {ChannelName.Rule}."));
    }

    /// <summary>The version that the body names, by its resource name.</summary>
    private static async Task<KfpVersion> WantedAsync(KfpPackage package, HttpRequest request)
    {
        var named = (await JsonBody.ReadAsync(request, "name", "version")).Text("version") ?? "";
        var start = $"packages/{package.Name}/versions/";
        if (!named.StartsWith(start, StringComparison.Ordinal))
            throw new RefusedException(new Refusal(400, "bad-reference", "The reference cannot be read.", $"version is {VersionReference.Quoted(named)}; it is {start}sha256:… in this package."));
        var reference = named[start.Length..];
        // Several versions may have the same definition: the tag means the highest, as the list does.
        return package.Versions.FirstOrDefault(version => version.Definition.Digest == reference) ?? package.ByDigest(reference)
            ?? throw new RefusedException(KfpRefusals.NoVersion(package, reference));
    }
}
