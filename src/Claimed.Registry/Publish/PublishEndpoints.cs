using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;

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
            .Open().WithMetadata(new MultipartBody(UploadForm.Publish))
            .Returns<ValidationDocument>(200, "What was read, with all findings.", Examples.Validation, others: [SarifLog.ContentType])
            .Refuses(400, "malformed-upload").Refuses(404, "namespace-invalid").Refuses(409, "no-next-version").Refuses(413, "upload-too-large").Refuses(415, "not-multipart")
            .Refuses(422, "bad-field", "bad-path", "bad-archive", "no-files").Refuses(503, "uploads-busy");
    }

    private static void Publishes(RouteHandlerBuilder route) => route
        .Needs(Deed.Publish)
        .AddEndpointFilter<RouteHandlerBuilder, PublishCount>()
        .WithMetadata(new MultipartBody(UploadForm.Publish))
        .Returns<VersionDocument>(201, "The new version; `Location` names it.", Examples.Version)
        .Returns<VersionDocument>(200, "The component already has this bundle; what the fields say beside it was applied.", Examples.Version)
        .Refuses(400, "malformed-upload", "bad-version", "bad-query").Refuses(401, "unauthorized").Refuses(403, "forbidden", "only-trusted").Refuses(404, "namespace-invalid")
        .Refuses(409, "version-exists", "version-yanked", "version-expires", "no-next-version", "other-kind", "proxy-namespace").Refuses(413, "upload-too-large").Refuses(415, "not-multipart")
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
public sealed record MultipartBody(UploadForm Form);
