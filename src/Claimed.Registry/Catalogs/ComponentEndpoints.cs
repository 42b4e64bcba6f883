using Claimed.Components;
using Claimed.Database.Builds;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.AspNetCore.Mvc;
using Semver;

namespace Claimed.Registry.Catalogs;

/// <summary><c>/api/v1/components/…</c>: components, versions and what clients download of them.</summary>
public static class ComponentEndpoints
{
    public static void MapComponents(this IEndpointRouteBuilder routes)
    {
        var components = routes.MapGroup("/api/v1/components").WithTags("Catalog");
        components.MapMethods("{namespace}/{name}", Reading.Methods, Get).BySight().WithName("getComponent").WithSummary("Read one component")
            .Returns<ComponentDocument>(200, "The component.", Examples.Component).Refuses(404, "component-not-found");
        components.MapMethods("{namespace}/{name}/versions", Reading.Methods, Versions).BySight().WithName("listVersions").WithSummary("List the versions of a component")
            .WithDescription("Highest precedence first, of every state; yanked ones only with `yanked=true`, those that expire only with `expiring=true`. Follow `next` as `cursor` for more.")
            .Returns<Page<VersionDocument>>(200, "A page of versions.", Examples.Versions).Refuses(400, "bad-query").Refuses(404, "component-not-found");
        components.MapMethods("{namespace}/{name}/versions/{version}", Reading.Methods, VersionAsync).BySight().WithName("getVersion").WithSummary("Read one version")
            .WithDescription("`version` is a version (`1.2.0`), an npm range (`~1`, `^1.2`), a channel (`latest`) or the digest of one of its forms. "
                + "Ranges and channels answer with `Content-Location`.")
            .Returns<VersionDocument>(200, "The version.", Examples.Version)
            .Refuses(400, "bad-reference").Refuses(404, "component-not-found", "version-not-found").Refuses(410, "version-purged", "version-expired");
        components.MapMethods("{namespace}/{name}/versions/{version}/{form}", Reading.Methods, FormEndpoint.GetAsync).BySight().WithName("getForm")
            .WithSummary("Download a form of a version")
            .WithDescription("Forms: component.yaml (KFP), elyra.yaml, operator.py (Airflow), pipeline.yaml (KFP, compiled), job.yaml (Kubernetes), tool.cwl, Dockerfile, "
                + "original.yaml (as uploaded), readme (README.md), icon (icon.svg or icon.png), bundle (all files, tar.gz), usage (lines to copy; `client` is docker, kfp, elyra, airflow or kubernetes). "
                + "Of an image that was built here: provenance.json and contents.json (signed statements, DSSE) and contents.spdx.json (the list of packages alone). "
                + "The image in them is pinned by digest. Strong ETag; 304 on `If-None-Match`.")
            .Returns<string>(200, "The bytes.", Examples.ComponentYaml, "application/yaml", "text/x-python", "text/plain", "text/markdown", "application/cwl", "application/gzip", "application/json", "application/spdx+json", "image/svg+xml", "image/png")
            .Refuses(400, "bad-query", "bad-reference").Refuses(404, "component-not-found", "version-not-found", "version-not-ready", "form-not-found").Refuses(410, "version-purged", "version-expired").Refuses(503, "blob-missing");
    }

    private static IResult Get(string @namespace, string name, HttpContext context, RegistryUrls urls) =>
        CatalogView.Of(context).Find(@namespace, name) is { } component
            ? Served.Json(ComponentDocument.From(component, urls)) with { Until = component.Freshness }
            : Missing.Component(@namespace, name).ToResult();

    private static IResult Versions(
        string @namespace, string name, bool? yanked, bool? expiring, string? cursor, int? limit, HttpContext context, RegistryUrls urls, Notices notices, TimeProvider clock)
    {
        if (CatalogView.Of(context).Find(@namespace, name) is not { } component)
            return Missing.Component(@namespace, name).ToResult();
        var page = PageQuery.Read("versions", cursor, limit, key => SemanticVersion.TryParse(key, out _));
        var versions = component.Versions;
        var last = page.After is null ? null : SemVersion.Parse(page.After, SemVersionStyles.Strict);
        return Served.Json(page.Of(versions
            .Where(version => last is null || version.Number.ComparePrecedenceTo(last) < 0)
            .Where(version => !version.Yanked || yanked == true)
            .Where(version => version.ExpiresAt is null || (expiring == true && !version.HasExpired(clock))),
            version => version.Number.ToString(), version => VersionDocument.From(component, version, urls, notices))) with
        { Until = versions.Any(MayChange) ? null : component.Freshness };
    }

    private static async Task<IResult> VersionAsync(
        string @namespace, string name, [FromRoute(Name = "version")] string @ref, HttpContext context, RegistryUrls urls, Notices notices, TimeProvider clock, VersionNotice notice, CancellationToken cancellation)
    {
        if (CatalogView.Of(context).Find(@namespace, name) is not { } component)
            return Missing.Component(@namespace, name).ToResult();
        var resolved = VersionReference.Resolve(component, @ref, clock);
        if (resolved.Version is not { } version)
            return resolved.Refusal!.ToResult();
        return await notice.OnAsync(Served.Json(VersionDocument.From(component, version, urls, notices)) with
        {
            ContentLocation = resolved.IsMoving ? urls.Version(@namespace, name, version.Number.ToString()) : null,
            Until = MayChange(version) ? null : component.Freshness,
            Tally = context.TallyOf(version),
        }, component, version, null, cancellation);
    }

    // Why a build waits is known to this node alone and changes without an event; what expires does so at its time.
    private static bool MayChange(VersionEntry version) => version.Build?.State == BuildState.Queued || version.ExpiresAt is not null;
}
