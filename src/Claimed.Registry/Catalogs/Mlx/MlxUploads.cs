using System.Text.Json;
using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Catalogs.Kfp;
using Claimed.Registry.Http;
using Claimed.Registry.Publish;
using Semver;

namespace Claimed.Registry.Catalogs.Mlx;

/// <summary>What the MLX API changes: an upload is a publish of the next version, with all its rules.</summary>
internal sealed class MlxUploads(PublishRequest publish, UploadReader reader, FileFetch fetch)
{
    public static readonly UploadForm Form = new(null, null, "uploadfile", []);
    public static readonly UploadForm FromUrl = new(null, null, null, ["url", "access_token"]);

    public Task<MlxComponentDocument> FormAsync(HttpContext context, string? name, string? space) => PublishAsync(context, name, space,
        () => reader.ReadAsync(context.Request, Form, sent => (KfpUpload.Files(sent.Files).Files, new PublishFields()), context.RequestAborted));

    public Task<MlxComponentDocument> UrlAsync(HttpContext context, string? name, string? space) => PublishAsync(context, name, space, async () =>
    {
        var form = await reader.ReadFieldsAsync(context.Request, FromUrl, context.RequestAborted);
        var url = form.GetValueOrDefault("url") is { Length: > 0 } one ? one : throw new RefusedException(new Refusal(422, "bad-field", "A form field is not right.", "Send one field url with the address of the component's file."));
        return await fetch.GetAsync(url, form.GetValueOrDefault("access_token") is { Length: > 0 } token ? token : null,
            (file, limit) => reader.ReadFileAsync(file, sent => KfpUpload.Files(sent).Files, limit), context.RequestAborted);
    });

    /// <summary>A new version of the component that the id names.</summary>
    public Task<MlxComponentDocument> VersionAsync(HttpContext context, string id)
    {
        var parts = id.Split("--", 3);
        return parts.Length < 2 ? throw new RefusedException(NoSubject) : FormAsync(context, parts[1], parts[0]);
    }

    private async Task<MlxComponentDocument> PublishAsync(HttpContext context, string? name, string? space, Func<Task<Upload>> read)
    {
        var (owner, own) = Subject(name, space ?? Caller.Of(context).Pattern.Namespace);
        if (EndpointPolicies.Demand(context, Deed.Publish, owner, own) is { } refusal)
            throw new RefusedException(refusal);
        var done = await publish.PublishAsync(context, owner, own, async () => (await read(), (SemVersion?)null));
        var number = done.Version.Number.ToString();
        return MlxComponentDocument.Of(new MlxComponent(MlxId.Of(owner, done.Component.Name, number), done.Component, done.Version, done.Component.DisplayName, true));
    }

    /// <summary>The API has no namespaces: one stands in the name, in a parameter of ours, or in what the token is for.</summary>
    private static (string Space, string? Name) Subject(string? name, string? space)
    {
        foreach (var between in (ReadOnlySpan<string>)["--", "/"])
        {
            if (name?.Split(between, 2) is [var before, var after])
                return (before, ComponentName.Slug(after));
        }
        var own = name is null ? null : ComponentName.Slug(name);
        return space is null || own is "" ? throw new RefusedException(NoSubject) : (space, own);
    }

    private static Refusal NoSubject => new(400, "bad-query", "A query parameter is not right.",
        "Say where to publish: ?name=namespace--name, or ?namespace=… with the name that the file has, or use a token for one namespace.");
}

/// <summary>The routes of uploads and of the lists that administrators keep.</summary>
internal static class MlxUploadEndpoints
{
    private const int MostIds = 1000;

    public static void MapMlxUploads(this IEndpointRouteBuilder mlx)
    {
        const string Where = "The namespace stands in the name (`?name=acme--filter`), in `?namespace=`, or in what the token is for; without a name the file's counts. ";
        Publishes(mlx.MapPost("components/upload", UploadAsync).WithName("uploadMlxComponent").WithSummary("Upload a component, for MLX clients")
            .WithDescription("A publish of the next version. `uploadfile` is a component.yaml, or a tar.gz or zip with one. " + Where).WithMetadata(new MultipartBody(MlxUploads.Form)));
        Publishes(mlx.MapPost("components/upload_from_url", UploadFromUrlAsync).WithName("uploadMlxComponentFromUrl").WithSummary("Publish a component by its address, for MLX clients")
            .WithDescription("The registry fetches `url` over HTTPS from a public machine, with `access_token` as Bearer token where one is sent, and publishes the next version. " + Where).WithMetadata(new MultipartBody(MlxUploads.FromUrl)));
        Publishes(mlx.MapPost("components/{id}/upload", UploadVersionAsync).WithName("uploadMlxVersion").WithSummary("Upload a new version of a component, for MLX clients")
            .WithDescription("Versions do not change: what the id means moves to the new one, if that is of the same major.").WithMetadata(new MultipartBody(MlxUploads.Form)));
        Lists(mlx.MapPost("components/featured", (HttpContext context, Tagging tagging, TimeProvider clock) => SetAsync(context, ReservedTags.Featured, tagging, clock))
            .WithName("setMlxFeatured").WithSummary("Say which components are featured, for MLX clients").WithDescription("A JSON list of ids. These components have the tag `featured` from now on, and no others."));
        Lists(mlx.MapPost("components/publish_approved", (HttpContext context, Tagging tagging, TimeProvider clock) => SetAsync(context, ReservedTags.Approved, tagging, clock))
            .WithName("setMlxApproved").WithSummary("Say which components are approved, for MLX clients")
            .WithDescription("A JSON list of ids. These components have the tag `publish-approved` from now on, and no others. It hides nothing: who sees what is decided by namespaces."));
    }

    private static void Publishes(RouteHandlerBuilder route) => route.DisableAntiforgery().NeedsByHandler(Deed.Publish).AddEndpointFilter<RouteHandlerBuilder, PublishCount>()
        .Returns<MlxComponentDocument>(201, "The version, pinned.", MlxEndpoints.Component)
        .Refuses(400, "bad-query", "malformed-upload").Refuses(401, "unauthorized").Refuses(403, "forbidden", "only-trusted").Refuses(404, "namespace-not-found", "namespace-invalid")
        .Refuses(409, "version-exists", "no-next-version", "other-kind", "proxy-namespace").Refuses(413, "upload-too-large").Refuses(415, "not-multipart")
        .Refuses(422, "invalid-component", "bad-field", "bad-archive", "no-files", "fetch-failed").Refuses(503, "uploads-busy");

    private static void Lists(RouteHandlerBuilder route) => route.NeedsByHandler(Deed.Administer)
        .WithMetadata(new JsonRequest(typeof(IReadOnlyList<string>), """["claimed--filter-csv"]""")).Returns(200, "Done.")
        .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "component-not-found");

    private static async Task<IResult> UploadAsync(string? name, string? @namespace, HttpContext context, MlxUploads uploads) => Created(await uploads.FormAsync(context, name, @namespace));

    private static async Task<IResult> UploadFromUrlAsync(string? name, string? @namespace, HttpContext context, MlxUploads uploads) => Created(await uploads.UrlAsync(context, name, @namespace));

    private static async Task<IResult> UploadVersionAsync(string id, HttpContext context, MlxUploads uploads) => Created(await uploads.VersionAsync(context, id));

    private static IResult Created(MlxComponentDocument document) => Results.Json(document, Json.Options, MlxEndpoints.JsonType, StatusCodes.Status201Created);

    private static async Task<IResult> SetAsync(HttpContext context, string tag, Tagging tagging, TimeProvider clock)
    {
        if (EndpointPolicies.Demand(context, Deed.Administer, null, null) is { } refusal)
            return refusal.ToResult();
        var ids = await IdsAsync(context.Request);
        var view = CatalogView.Of(context);
        var subjects = ids.Select(id => MlxId.Find(view, id, clock).Component.Subject).ToHashSet(StringComparer.Ordinal);
        await tagging.SetAsync(tag, subjects, view.Components.Where(component => component.Tags.Contains(tag, StringComparer.OrdinalIgnoreCase)).Select(component => component.Subject).ToList(), context.RequestAborted);
        return Results.Ok();
    }

    private static async Task<IReadOnlyList<string>> IdsAsync(HttpRequest request)
    {
        try
        {
            var ids = await request.ReadFromJsonAsync<List<string>>(Json.Options, request.HttpContext.RequestAborted);
            if (ids is { Count: <= MostIds } && !ids.Contains(null!))
                return ids;
        }
        catch (Exception unread) when (unread is JsonException or InvalidOperationException)
        {
            throw new RefusedException(NoList);
        }
        throw new RefusedException(NoList);
    }

    private static Refusal NoList => new(400, "malformed-json", "The body is not a list of ids.", $"Send a JSON list of at most {MostIds} ids, such as [\"acme--filter\"], as application/json.");
}
