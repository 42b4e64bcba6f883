using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Registry.Access;
using Claimed.Registry.Access.Trust;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Images.Proxies;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.Extensions.Options;
using Semver;

namespace Claimed.Registry.Publish;

/// <summary>Publishing and validating components.</summary>
public static class PublishEndpoints
{
    private const string Form = "A multipart/form-data request. Files: one or more parts `source` (their file names, with relative paths, count), "
        + "or one part `bundle` (.tar.gz or .zip). Fields: category, group, tags, displayName, channel, main, baseImage, image, platform, "
        + "wrap, outputs, breaking, expires, repository, revision, path, message. ";

    public static void MapPublish(this IEndpointRouteBuilder routes)
    {
        var components = routes.MapGroup("/api/v1/components").WithTags("Publish").DisableAntiforgery();
        Publishes(components.MapPut("{namespace}/{name}/versions/{version}", PutAsync).WithName("publishVersion")
            .WithSummary("Publish a version")
            .WithDescription(Form + "The same bundle again answers 200 with the version that has it; other content for a version that is not failed is refused. "
                + "`expires=14d` is for a pre-release that goes by itself, with its image. "
                + "A known bundle still moves `channel` and changes `category`, `group`, `tags` and `displayName`. "
                + "`?wait=300` answers when the build has ended."));
        Publishes(components.MapPost("{namespace}/{name}/versions", PostVersionAsync).WithName("publishNextVersion")
            .WithSummary("Publish the next version")
            .WithDescription(Form + "The registry takes the next minor version (the next major with `breaking=allow` when ports break those who use this one), or answers 200 with the version that already has this bundle."));
        Publishes(components.MapPost("{namespace}", PostAsync).WithName("publishComponent")
            .WithSummary("Publish a component under the name of its source")
            .WithDescription(Form + "The name comes from the source: file name, `_` to `-`, lower case, a leading `claimed-` dropped."));
        components.MapPost("{namespace}/validate", ValidateAsync).WithName("validate")
            .WithSummary("Read an upload and report what is wrong, without storing anything")
            .WithDescription(Form + "Needs no token; other registries are asked for a named image only for callers who may publish the component. The findings are otherwise those that a publish without a version would give; "
                + "`name` stands for a name in the URL of the publish. With `Accept: application/sarif+json` they come as SARIF 2.1.0.")
            .Open().WithMetadata(new MultipartBody())
            .Returns<ValidationDocument>(200, "What was read, with all findings.", Examples.Validation, others: [SarifLog.ContentType])
            .Refuses(400, "malformed-upload").Refuses(404, "namespace-invalid").Refuses(409, "no-next-version").Refuses(413, "upload-too-large").Refuses(415, "not-multipart")
            .Refuses(422, "bad-field", "bad-path", "bad-archive", "no-files").Refuses(503, "uploads-busy");
    }

    private static void Publishes(RouteHandlerBuilder route) => route
        .Needs(Deed.Publish)
        .AddEndpointFilter<RouteHandlerBuilder, PublishCount>()
        .WithMetadata(new MultipartBody())
        .Returns<VersionDocument>(201, "The new version; `Location` names it.", Examples.Version)
        .Returns<VersionDocument>(200, "The component already has this bundle; what the fields say beside it was applied.", Examples.Version)
        .Refuses(400, "malformed-upload", "bad-version", "bad-query").Refuses(401, "unauthorized").Refuses(403, "forbidden", "only-trusted").Refuses(404, "namespace-invalid")
        .Refuses(409, "version-exists", "version-yanked", "version-expires", "no-next-version", "proxy-namespace").Refuses(413, "upload-too-large").Refuses(415, "not-multipart")
        .Refuses(422, "invalid-component", "bad-field", "bad-path", "bad-archive", "no-files", "provenance-contradicted").Refuses(503, "uploads-busy");

    private static Task<IResult> PutAsync(string @namespace, string name, string version, int? wait, HttpContext context, PublishRequest request) =>
        request.RunAsync(context, @namespace, name, version, wait);

    private static Task<IResult> PostVersionAsync(string @namespace, string name, int? wait, HttpContext context, PublishRequest request) =>
        request.RunAsync(context, @namespace, name, null, wait);

    private static Task<IResult> PostAsync(string @namespace, int? wait, HttpContext context, PublishRequest request) =>
        request.RunAsync(context, @namespace, null, null, wait);

    private static async Task<IResult> ValidateAsync(
        string @namespace, string? name, HttpContext context, UploadReader reader, Validation validation, RegistryUrls urls)
    {
        if (!ComponentName.IsNamespace(@namespace))
            return Missing.BadNamespace(@namespace).ToResult();
        using var upload = await reader.ReadAsync(context.Request, context.RequestAborted);
        var result = await validation.RunAsync(@namespace, name, upload, Caller.Of(context), CatalogView.Of(context), context.RequestAborted);
        if (context.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(SarifLog.ContentType, StringComparison.OrdinalIgnoreCase)))
            return Served.Json(SarifLog.Of(result.Name, result.IsValid, result.Findings, urls), SarifLog.ContentType);
        return Served.Json(new ValidationDocument(result.Name, result.IsValid, result.Version?.ToString(),
            [.. result.Definition?.Inputs.Select(PortDocument.From) ?? []], [.. result.Definition?.Outputs.Select(PortDocument.From) ?? []],
            [.. result.Findings.Select(FindingDocument.From)], result.Definition is { } read ? ClientVerdicts.Of(read, result.Findings) : null));
    }
}

/// <summary>What a dry run found.</summary>
/// <param name="Name">The name the component would have.</param>
/// <param name="Valid">Whether a publish would be accepted.</param>
/// <param name="Version">The version that a publish without one would become now.</param>
/// <param name="Verdicts">Per client; absent when the source could not be read.</param>
public sealed record ValidationDocument(
    string? Name, bool Valid, string? Version, IReadOnlyList<PortDocument> Inputs, IReadOnlyList<PortDocument> Outputs, IReadOnlyList<FindingDocument> Findings,
    IReadOnlyDictionary<string, ClientVerdict>? Verdicts);

/// <summary>Marks operations whose body is an upload, for the OpenAPI document.</summary>
public sealed record MultipartBody;

/// <summary>One publish request from its URL to its answer.</summary>
public sealed class PublishRequest(
    UploadReader reader, Publisher publisher, SnapshotFeed feed, ImageProxies proxies, RegistryUrls urls, Notices notices, IOptions<PublishOptions> options)
{
    private static readonly TimeSpan FollowLimit = TimeSpan.FromSeconds(10);

    public async Task<IResult> RunAsync(HttpContext context, string space, string? name, string? version, int? wait)
    {
        SemVersion? number = null;
        if (!ComponentName.IsNamespace(space))
            return Missing.BadNamespace(space).ToResult();
        if (name is not null && !ComponentName.IsName(name))
            return new Refusal(404, "namespace-invalid", "The name cannot be used.",
                $"\"{name}\" cannot be a component's name: lower-case words joined by hyphens, at most {ComponentName.MaxNameLength} characters.").ToResult();
        if (proxies.Find(space) is { } proxy)
            return ProxyNamespace(space, proxy.Options.Upstream).ToResult();
        if (version is not null && !SemanticVersion.TryParse(version, out number))
            return new Refusal(400, "bad-version", "The version cannot be used.",
                $"\"{version}\" is not a semantic version without build metadata, such as 1.2.0 or 1.2.0-rc.1.").ToResult();
        if (wait < 0 || wait > options.Value.MaxWaitSeconds)
            return PageQuery.BadQuery($"wait is {wait}; use 0 to {options.Value.MaxWaitSeconds} seconds.").Refusal.ToResult();
        var job = TrustedJob.Of(Caller.Of(context));
        if (job is null && feed.Current.Namespaces.GetValueOrDefault(space) is { OnlyTrusted: true })
            return OnlyTrusted(space).ToResult();
        var published = await PublishAsync(context, space, name, number, job);
        if (wait > 0)
            await feed.WaitForAsync(snapshot => snapshot.Find(space, published.Name)?.Find(published.Version) is { HasEnded: true } ended ? ended : null,
                TimeSpan.FromSeconds(wait.Value), context.RequestAborted);
        // Usually there already; when the database went away right after the commit, the catalog follows later.
        if (await feed.WaitForAsync(snapshot => snapshot.Find(space, published.Name) is { } found && found.Find(published.Version) is not null ? found : null,
                FollowLimit, context.RequestAborted) is not { } component)
            throw new RefusedException(DatabaseFaults.Away);
        var document = VersionDocument.From(component, component.Find(published.Version)!, urls, notices);
        return published.IsNew ? Results.Created(document.Links["self"], document) : Results.Ok(document);
    }

    /// <summary>The upload's memory is given back before anyone waits for a build.</summary>
    private async Task<Published> PublishAsync(HttpContext context, string space, string? name, SemVersion? number, TrustedJob? job)
    {
        using var upload = await reader.ReadAsync(context.Request, context.RequestAborted);
        return await publisher.PublishAsync(space, name, number, upload with { Fields = Provenance.Settle(upload.Fields, job) }, Caller.Of(context), context.RequestAborted);
    }

    private static Refusal ProxyNamespace(string space, string upstream) => new(409, "proxy-namespace", "The namespace is for images of another registry.",
        $"{space} hands on the images of {upstream} (Images__Proxies) and holds no components. Publish into another namespace.");

    private static Refusal OnlyTrusted(string space) => new(403, "only-trusted", "Versions come from CI jobs alone here.",
        $"{space} takes versions under its trust rules alone, from administrators too. Have the CI job exchange its OpenID Connect token at POST /api/v1/trust/token and publish with what it gets; "
        + $"or an owner sets \"onlyTrusted\": false with PATCH /api/v1/namespaces/{space}.");
}
