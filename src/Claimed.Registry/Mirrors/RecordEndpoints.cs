using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Mirrors;

/// <summary>
/// <c>/api/v1/records</c> and <c>…/record.json</c>: what a registry that follows this one has to know. Other lists leave out what is yanked or
/// expires; these do not. All are by sight.
/// </summary>
public static class RecordEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void MapRecords(this IEndpointRouteBuilder routes)
    {
        const string asOf = " With `serial` the answer knows of that event, at whichever node: it is held until then, at most 10 seconds.";
        routes.MapMethods("/api/v1/records", Reading.Methods, ListAsync).BySight().WithTags("Records").WithName("listRecords").WithSummary("List all components, also those that lists leave out")
            .WithDescription("In the order of namespace and name; `namespace` takes one alone. Follow `next` as `cursor` for more." + asOf)
            .Returns<Page<ComponentSubject>>(200, "A page of names.", RecordExamples.Names).Refuses(400, "bad-query").Refuses(503, "starting");
        routes.MapMethods("/api/v1/components/{namespace}/{name}/record.json", Reading.Methods, ComponentAsync).BySight().WithTags("Records").WithName("getComponentRecord")
            .WithSummary("Read all of a component that a copy needs").WithDescription("Every version of every state with its digests and forms, and the channels that publishers set." + asOf)
            .Returns<ComponentRecord>(200, "The record.", RecordExamples.Component).Refuses(404, "component-not-found").Refuses(503, "starting");
        routes.MapMethods("/api/v1/components/{namespace}/{name}/versions/{version}/record.json", Reading.Methods, VersionAsync).BySight().WithTags("Records").WithName("getVersionRecord")
            .WithSummary("Read a version as it is stored").WithDescription("Definition, options and findings, by which its digests can be verified. One exact version that is ready." + asOf)
            .Returns<VersionRecord>(200, "The record.", RecordExamples.Version).Refuses(400, "bad-reference").Refuses(404, "component-not-found", "version-not-found", "version-not-ready")
            .Refuses(410, "version-purged").Refuses(503, "starting");
    }

    private static async Task<IResult> ListAsync(string? @namespace, string? cursor, int? limit, long? serial, HttpContext context, SnapshotFeed feed)
    {
        var page = PageQuery.Read("records", cursor, limit);
        await AsOfAsync(feed, serial, context.RequestAborted);
        return Served.Json(page.Of(CatalogView.Of(context).Components
            .Where(component => (page.After is null || string.CompareOrdinal(component.Subject, page.After) > 0) && (@namespace is null || component.Namespace == @namespace)),
            component => component.Subject, component => new ComponentSubject(component.Namespace, component.Name)));
    }

    private static async Task<IResult> ComponentAsync(string @namespace, string name, long? serial, HttpContext context, SnapshotFeed feed, RegistryUrls urls)
    {
        await AsOfAsync(feed, serial, context.RequestAborted);
        var view = CatalogView.Of(context);
        return view.Find(@namespace, name) is { } component && view.Namespace(@namespace) is { } space
            ? Served.Json(ComponentRecord.From(component, space.IsPrivate, urls.ImageHost))
            : Missing.Component(@namespace, name).ToResult();
    }

    private static async Task<IResult> VersionAsync(
        string @namespace, string name, string version, long? serial, HttpContext context, SnapshotFeed feed, RegistryDatabase database, TimeProvider clock)
    {
        await AsOfAsync(feed, serial, context.RequestAborted);
        var (component, found) = ExactVersion.Find(context, @namespace, name, version, "A record is", clock);
        if (!found.IsReady)
            return new Refusal(404, "version-not-ready", "The version is not ready.", $"{component.Subject} {found.Number} is {found.State}; there are records of ready versions alone.") { State = found.State }.ToResult();
        var row = await database.ReadAsync(db => db.Versions.Where(row => row.Id == found.Id)
            .Select(row => new { row.Definition, row.DefinitionDigest, row.BundleBlob, row.Options, row.Findings, row.PublishedBy }).SingleAsync(context.RequestAborted), context.RequestAborted);
        return Served.Json(new VersionRecord
        {
            Namespace = @namespace,
            Name = name,
            Facts = VersionFacts.From(found),
            BundleBlob = row.BundleBlob,
            Definition = row.Definition,
            DefinitionDigest = row.DefinitionDigest,
            Options = Json.Read<Dictionary<string, string>>(row.Options),
            Findings = Json.Read<IReadOnlyList<Finding>>(row.Findings),
            PublishedBy = row.PublishedBy,
            Repository = found.Repository,
            Revision = found.Revision,
            Path = found.SourcePath,
            Message = found.Message,
            Provenance = ProvenanceDocument.Of(found),
        });
    }

    /// <summary>Whoever has read an event at one node may ask the next node, which has not seen it yet.</summary>
    private static async Task AsOfAsync(SnapshotFeed feed, long? serial, CancellationToken cancellation)
    {
        if (serial is { } wanted && await feed.WaitForAsync(snapshot => snapshot.Serial >= wanted ? snapshot : null, Patience, cancellation) is null)
            throw new RefusedException(new Refusal(503, "starting", "The registry is starting.", $"This node has not seen event {wanted} yet; if there is one, ask again in a moment.") { RetryAfter = 1 });
    }
}
