using System.Globalization;
using Claimed.Database.Builds;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Builds.Logs;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Builds;

/// <summary><c>/api/v1/builds</c>: watch, cancel and retry.</summary>
public static class BuildEndpoints
{
    public static void MapBuilds(this IEndpointRouteBuilder routes)
    {
        var builds = routes.MapGroup("/api/v1/builds").WithTags("Builds");
        builds.MapMethods("", Reading.Methods, ListAsync).BySight().WithName("listBuilds").WithSummary("List builds, newest first")
            .WithDescription("Filter by state (deferred, queued, building, succeeded, failed, cancelled); follow `next` for more.")
            .Returns<Page<BuildDocument>>(200, "A page of builds.", Examples.Builds).Refuses(400, "bad-query");
        builds.MapMethods("{id:long}", Reading.Methods, GetAsync).BySight().WithName("getBuild").WithSummary("Read one build")
            .Returns<BuildDocument>(200, "The build.", Examples.Build).Refuses(404, "build-not-found");
        builds.MapMethods("{id:long}/log", Reading.Methods, LogAsync).BySight().WithName("getBuildLog").WithSummary("Read or follow a build's log")
            .WithDescription("Text so far; with `Accept: text/event-stream` the log as it grows, resumable by `Last-Event-ID`, "
                + "ended by an event `end` whose data is the build's state; where a step failed, an event `failure` before it has the build's `failure` as JSON.")
            .Returns<string>(200, "The log.", "Step 1/9 : FROM claimed/base-python:1\n", "text/plain", "text/event-stream").Refuses(404, "build-not-found").Refuses(410, "version-purged").Refuses(503, "blob-missing");
        builds.MapBuildFiles();
        builds.MapPost("{id:long}/cancel", CancelAsync).WithName("cancelBuild").WithSummary("Cancel a build")
            .WithDescription("A build that waits ends at once, a running one within seconds; its version becomes failed.")
            .NeedsByHandler(Deed.Publish)
            .Returns<BuildDocument>(202, "The build; its state follows.", Examples.Build).Refuses(401, "unauthorized").Refuses(403, "forbidden")
            .Refuses(404, "build-not-found").Refuses(409, "build-ended");
        builds.MapPost("{id:long}/retry", RetryAsync).WithName("retryBuild").WithSummary("Build a failed version again, or one that waits to be asked for")
            .WithDescription("A new build of a failed version; the same build, put into the queue, of a version whose build is `deferred`.")
            .NeedsByHandler(Deed.Publish)
            .Returns<BuildDocument>(202, "The build that is in the queue.", Examples.Build).Refuses(401, "unauthorized").Refuses(403, "forbidden")
            .Refuses(404, "build-not-found").Refuses(409, "version-not-failed");
    }

    public static Refusal NoSuchBuild(long id) => new(404, "build-not-found", "There is no such build.", $"No build has the id {id}; GET /api/v1/builds lists them.");

    private static async Task<IResult> ListAsync(
        string? state, string? cursor, int? limit, HttpContext context, RegistryDatabase database, RegistryUrls urls, Notices notices, CancellationToken cancellation)
    {
        var view = CatalogView.Of(context);
        string[] states = [BuildState.Deferred, BuildState.Queued, BuildState.Building, BuildState.Succeeded, BuildState.Failed, BuildState.Cancelled];
        if (state is not null && !states.Contains(state, StringComparer.Ordinal))
            return PageQuery.BadQuery($"state is \"{state}\"; use one of {string.Join(", ", states)}.").Refusal.ToResult();
        var page = PageQuery.Read("builds", cursor, limit, key => long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        var before = page.After is null ? long.MaxValue : long.Parse(page.After, CultureInfo.InvariantCulture);
        var rows = await database.ReadAsync(db => db.Builds.Include(build => build.Version!.Component!.Namespace).Include(build => build.Bases)
            .Where(build => build.Id < before && (state == null || build.State == state)).OrderByDescending(build => build.Id)
            .AsAsyncEnumerable().Where(build => view.Sees(SubjectOf(build))).Take(page.Limit + 1).ToListAsync(cancellation).AsTask(), cancellation);
        return Served.Json(page.Of(rows, build => build.Id.ToString(CultureInfo.InvariantCulture), build => Document(build, urls, notices)));
    }

    private static async Task<IResult> GetAsync(
        long id, HttpContext context, RegistryDatabase database, RegistryUrls urls, Notices notices, CancellationToken cancellation) =>
        await FindAsync(id, context, database, cancellation) is { } build ? Served.Json(Document(build, urls, notices)) : NoSuchBuild(id).ToResult();

    private static async Task<IResult> LogAsync(long id, HttpContext context, RegistryDatabase database, BuildLogReader logs, CancellationToken cancellation)
    {
        if (await FindAsync(id, context, database, cancellation) is not { } build || await logs.ReadAsync(id, cancellation) is not { } text)
            return NoSuchBuild(id).ToResult();
        var request = context.Request;
        if (build.Version!.State == VersionState.Purged)
            return new Refusal(410, "version-purged", "The version was removed.", $"The log went with what {SubjectOf(build)} {build.Version.Number} held: {build.Version.PurgeReason}").ToResult();
        // HEAD of a stream that goes on would hold the client for the headers alone.
        var streaming = !HttpMethods.IsHead(request.Method) && request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase));
        return streaming
            ? new EventStream(logs.FollowAsync(id, request.Headers["Last-Event-ID"], MaySee, cancellation))
            : Served.Text(text);

        bool MaySee()
        {
            context.RequestServices.GetRequiredService<CredentialReading>().Again(context);
            return CatalogView.Of(context).Sees(SubjectOf(build));
        }
    }

    private static async Task<IResult> CancelAsync(
        long id, HttpContext context, BuildControl control, RegistryDatabase database, RegistryUrls urls, Notices notices, CancellationToken cancellation)
    {
        if (await RefusalOfAsync(id, context, database, cancellation) is { } refused)
            return refused.ToResult();
        await control.CancelAsync(id, cancellation);
        return Results.Accepted(urls.Build(id), Document((await FindAsync(id, context, database, cancellation))!, urls, notices));
    }

    private static async Task<IResult> RetryAsync(
        long id, HttpContext context, BuildControl control, RegistryDatabase database, RegistryUrls urls, Notices notices, CancellationToken cancellation)
    {
        if (await RefusalOfAsync(id, context, database, cancellation) is { } refused)
            return refused.ToResult();
        var next = await control.RetryAsync(id, cancellation);
        return Results.Accepted(urls.Build(next), Document((await FindAsync(next, context, database, cancellation))!, urls, notices));
    }

    private static async Task<Refusal?> RefusalOfAsync(long id, HttpContext context, RegistryDatabase database, CancellationToken cancellation) =>
        await FindAsync(id, context, database, cancellation) is { } build
            ? EndpointPolicies.Demand(context, Deed.Publish, build.Version!.Component!.Namespace!.Name, build.Version.Component.Name)
            : NoSuchBuild(id);

    /// <summary>Null when there is none that the caller sees.</summary>
    private static async Task<Build?> FindAsync(long id, HttpContext context, RegistryDatabase database, CancellationToken cancellation)
    {
        var found = await database.ReadAsync(
            db => db.Builds.Include(build => build.Version!.Component!.Namespace).Include(build => build.Bases).SingleOrDefaultAsync(build => build.Id == id, cancellation), cancellation);
        return found is not null && CatalogView.Of(context).Sees(SubjectOf(found)) ? found : null;
    }

    private static string SubjectOf(Build build) => $"{build.Version!.Component!.Namespace!.Name}/{build.Version.Component.Name}";

    private static BuildDocument Document(Build build, RegistryUrls urls, Notices notices) => BuildDocument.From(
        BuildEntry.From(build), urls.Version(build.Version!.Component!.Namespace!.Name, build.Version.Component.Name, build.Version.Number), urls, notices)
        with
    {
        Bases = [.. build.Bases.OrderBy(found => found.Name, StringComparer.Ordinal).Select(found => new BaseDocument(found.Name, found.Digest, found.ImageId))],
        SameAs = build.SameAs,
    };
}
