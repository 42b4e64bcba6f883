using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Channels;

/// <summary><c>…/channels</c>: read, set and delete movable names.</summary>
public static class ChannelEndpoints
{
    public static void MapChannels(this IEndpointRouteBuilder routes)
    {
        var channels = routes.MapGroup("/api/v1/components/{namespace}/{name}/channels").WithTags("Channels");
        channels.MapMethods("", Reading.Methods, List).BySight().WithName("listChannels").WithSummary("List the channels of a component")
            .WithDescription("By name; `latest` is there as soon as it means something.")
            .Returns<Page<ChannelDocument>>(200, "A page of channels.", Examples.Channels).Refuses(400, "bad-query").Refuses(404, "component-not-found");
        channels.MapMethods("{channel}", Reading.Methods, GetAsync).BySight().WithName("getChannel").WithSummary("Read one channel")
            .WithDescription("With `at` (RFC 3339 or Unix milliseconds) it is what the channel meant then: `at`, `version`, `since`, `setBy`, and the image that the version runs. For `latest` that holds also while the registry moved it by itself.")
            .Returns<ChannelDocument>(200, "The channel; its ETag is for If-Match. With `at` a document of that moment.", Examples.Channel).Refuses(400, "bad-query").Refuses(404, "component-not-found", "channel-not-found");
        channels.MapPut("{channel}", SetAsync).WithName("setChannel").WithSummary("Point a channel at a version")
            .WithDescription("The version must be ready and not yanked; the image tag of the same name moves with it. With `If-Match` (the ETag that was read) or "
                + "`If-None-Match: *` the channel moves only if it still is what the client has seen. The same target again changes nothing. "
                + "Setting `latest` keeps it from moving by itself until it is deleted.")
            .Needs(Deed.Publish).WithMetadata(new JsonRequest(typeof(ChannelTarget), """{"version": "1.2.0"}"""))
            .Returns<ChannelDocument>(200, "The channel as it now is.", Examples.Channel).Returns<ChannelDocument>(201, "The channel is new.", Examples.Channel)
            .Refuses(400, "bad-channel", "bad-version", "bad-request", "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden")
            .Refuses(404, "component-not-found", "version-not-found").Refuses(409, "version-not-ready", "version-yanked", "version-expires")
            .Refuses(412, "precondition-failed").Refuses(413, "body-too-large").Refuses(415, "not-json").Refuses(422, "bad-field");
        channels.MapDelete("{channel}", DeleteAsync).WithName("deleteChannel").WithSummary("Delete a channel")
            .WithDescription("Its image tag goes too. `latest` is given back to the registry, which moves it by itself again.")
            .Needs(Deed.Publish).Returns(204, "It is gone.")
            .Refuses(400, "bad-request").Refuses(401, "unauthorized").Refuses(403, "forbidden")
            .Refuses(404, "component-not-found", "channel-not-found").Refuses(412, "precondition-failed");
    }

    private static IResult List(string @namespace, string name, string? cursor, int? limit, HttpContext context, RegistryUrls urls)
    {
        if (CatalogView.Of(context).Find(@namespace, name) is not { } component)
            return Missing.Component(@namespace, name).ToResult();
        var page = PageQuery.Read("channels", cursor, limit);
        return Served.Json(page.Of(component.Channels.Where(channel => page.After is null || string.CompareOrdinal(channel.Name, page.After) > 0),
            channel => channel.Name, channel => ChannelDocument.From(component, channel, urls)));
    }

    private static async Task<IResult> GetAsync(string @namespace, string name, string channel, string? at, HttpContext context, ChannelHistory history, RegistryUrls urls, TimeProvider clock)
    {
        if (CatalogView.Of(context).Find(@namespace, name) is not { } component)
            return Missing.Component(@namespace, name).ToResult();
        if (at is not null)
            return await MomentAsync(component, channel, TimeQuery.Read("at", at, clock), history, urls, context.RequestAborted);
        return component.Channel(channel) is { } found
            ? Served.Json(ChannelDocument.From(component, found, urls))
            : Missing.Channel(component.Subject, channel).ToResult();
    }

    private static async Task<IResult> MomentAsync(ComponentEntry component, string channel, long at, ChannelHistory history, RegistryUrls urls, CancellationToken cancellation)
    {
        var (then, first) = await history.FindAsync(component.Subject, channel, at, cancellation);
        var moment = DateTimeOffset.FromUnixTimeMilliseconds(at);
        if (then is null)
        {
            var later = first is { } since ? $"it meant something for the first time after that at {DateTimeOffset.FromUnixTimeMilliseconds(since):yyyy-MM-ddTHH:mm:ss.fffZ}" : "nor has it since";
            return (Missing.Channel(component.Subject, channel) with { Detail = $"{component.Subject} had no channel \"{channel}\" at {moment:yyyy-MM-ddTHH:mm:ss.fffZ}; {later}." }).ToResult();
        }
        var version = SemanticVersion.TryParse(then.Version, out var number) ? component.Find(number) : null;
        return Served.Json(new ChannelMomentDocument(component.Namespace, component.Name, channel, moment, then.Version, DateTimeOffset.FromUnixTimeMilliseconds(then.Since), then.SetBy,
            version?.State, version?.Image, new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["channel"] = urls.Channel(component.Namespace, component.Name, channel),
                ["version"] = urls.Version(component.Namespace, component.Name, then.Version),
            }));
    }

    private static async Task<IResult> SetAsync(string @namespace, string name, string channel, HttpContext context, ChannelMoves moves)
    {
        if (!ChannelName.IsValid(channel))
            return new Refusal(400, "bad-channel", "The channel cannot have this name.", $"A channel's name has {ChannelName.Rule}.").ToResult();
        var text = (await JsonBody.ReadAsync(context.Request, "version")).Text("version") ?? throw JsonBody.Bad("version", "is missing: name the version that the channel shall mean.");
        if (!SemanticVersion.TryParse(text, out var number))
            return new Refusal(400, "bad-version", "The version cannot be used.", $"A channel means one version, such as 1.2.0; \"{text}\" is none.").ToResult();
        var move = await moves.SetAsync(@namespace, name, channel, number, Conditions.Of(context.Request), context.RequestAborted);
        return Served.Json(move.Channel) with { CreatedAt = move.IsNew ? move.Channel.Links["self"] : null };
    }

    private static async Task<IResult> DeleteAsync(string @namespace, string name, string channel, HttpContext context, ChannelMoves moves)
    {
        await moves.DeleteAsync(@namespace, name, channel, Conditions.Of(context.Request), context.RequestAborted);
        return Results.NoContent();
    }
}
