using Claimed.Components.Renditions;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary><c>/catalogs/kfp/{namespace}</c>: the host for the KFP SDK's registry client, <c>kfp.registry.RegistryClient</c>.</summary>
public static class KfpEndpoints
{
    private const string Package = """{"name":"packages/filter-csv","createTime":"2026-01-05T10:00:00+00:00","updateTime":"2026-01-05T10:00:00+00:00"}""";
    private const string Version = """{"name":"packages/filter-csv/versions/sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef","createTime":"2026-01-05T10:00:00+00:00","updateTime":"2026-01-05T10:00:00+00:00"}""";
    private const string Tag = """{"name":"packages/filter-csv/tags/latest","version":"packages/filter-csv/versions/sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"}""";

    public static void MapKfp(this IEndpointRouteBuilder routes)
    {
        var host = routes.MapGroup("/catalogs/kfp/{namespace}").WithTags("Clients").AddEndpointFilter<KfpErrors>();
        host.MapKfpUpload();
        host.MapKfpTagChanges();
        host.MapKfpDeletes();
        host.MapMethods("context.json", Reading.Methods, Context).BySight().WithName("getKfpContext").WithSummary("Get a configuration file for the KFP SDK")
            .WithDescription("Save it and give its name as `kfp.registry.RegistryClient(host=None, config_file=…)`, or put it to `~/.config/kfp/registry_context.json`.")
            .Returns<IReadOnlyDictionary<string, string>>(200, "The host, and the URL of each call.", """{"host":"https://registry.example/catalogs/kfp/acme","upload_url":"{host}"}""").Refuses(404, "namespace-not-found");
        host.MapMethods("packages", Reading.Methods, List).BySight().WithName("listKfpPackages").WithSummary("List the packages of a namespace, for the KFP SDK")
            .WithDescription("`kfp.registry.RegistryClient(host=\"…/catalogs/kfp/{namespace}\")`. A package is a component; everything is on one page. Errors have the form of Google's APIs.")
            .Returns<KfpPackagesDocument>(200, "All packages.", $$"""{"packages":[{{Package}}]}""").Refuses(404, "namespace-not-found");
        host.MapMethods("packages/{name}", Reading.Methods, Get).BySight().WithName("getKfpPackage").WithSummary("Read one package, for the KFP SDK")
            .Returns<KfpPackageDocument>(200, "The package.", Package).Refuses(404, "component-not-found");
        host.MapMethods("packages/{name}/versions", Reading.Methods, Versions).BySight().WithName("listKfpVersions").WithSummary("List the versions of a package, for the KFP SDK")
            .WithDescription("A version is named by the SHA-256 of its definition: of what was uploaded, else of its `component.yaml`. Yanked versions are left out.")
            .Returns<KfpVersionsDocument>(200, "All versions, highest first.", $$"""{"versions":[{{Version}}]}""").Refuses(404, "component-not-found");
        host.MapMethods("packages/{name}/versions/{version}", Reading.Methods, GetVersion).BySight().WithName("getKfpVersion").WithSummary("Read one version, for the KFP SDK")
            .WithDescription("`version` is `sha256:…`, or a tag.")
            .Returns<KfpVersionDocument>(200, "The version.", Version).Refuses(404, "component-not-found", "version-not-found");
        host.MapMethods("packages/{name}/tags", Reading.Methods, Tags).BySight().WithName("listKfpTags").WithSummary("List the tags of a package, for the KFP SDK")
            .WithDescription("Tags are the channels of the component and, immovable, the numbers of its versions.")
            .Returns<KfpTagsDocument>(200, "All tags, by name.", $$"""{"tags":[{{Tag}}]}""").Refuses(404, "component-not-found");
        host.MapMethods("packages/{name}/tags/{tag}", Reading.Methods, GetTag).BySight().WithName("getKfpTag").WithSummary("Read one tag, for the KFP SDK")
            .Returns<KfpTagDocument>(200, "The tag.", Tag).Refuses(404, "component-not-found", "channel-not-found");
        host.MapMethods("{name}/{version}", Reading.Methods, DownloadAsync).BySight().WithName("downloadKfpVersion").WithSummary("Download a version, for the KFP SDK")
            .WithDescription("`version` is `sha256:…` or a tag. The bytes are those whose SHA-256 names the version.")
            .Returns<string>(200, "The bytes.", Examples.ComponentYaml, "application/yaml").Refuses(404, "component-not-found", "version-not-found", "version-not-ready").Refuses(503, "blob-missing");
    }

    private static IResult List(string @namespace, HttpContext context, TimeProvider clock)
    {
        var view = CatalogView.Of(context);
        if (view.Namespace(@namespace) is null)
            return Missing.Namespace(@namespace).ToResult();
        return Served.Json(new KfpPackagesDocument([.. view.InNamespace(@namespace).Select(component => new KfpPackage(component, clock)).Where(package => package.IsListed).Select(KfpPackageDocument.Of)])) with
        {
            Until = view.Freshness,
        };
    }

    private static IResult Context(string @namespace, HttpContext context, RegistryUrls urls) => CatalogView.Of(context).Namespace(@namespace) is null
        ? Missing.Namespace(@namespace).ToResult()
        : Served.Json(KfpContext.Of($"{urls.Base}/catalogs/kfp/{@namespace}"));

    private static IResult Get(string @namespace, string name, HttpContext context, TimeProvider clock) =>
        InPackage(context, @namespace, name, clock, found => Answer(found, KfpPackageDocument.Of(found)));

    private static IResult Versions(string @namespace, string name, HttpContext context, TimeProvider clock) => InPackage(context, @namespace, name, clock,
        found => Answer(found, new KfpVersionsDocument([.. found.Versions.Select(version => KfpVersionDocument.Of(found, version))])));

    private static IResult GetVersion(string @namespace, string name, string version, HttpContext context, TimeProvider clock) => InPackage(context, @namespace, name, clock,
        found => found.Find(version) is { } wanted ? Answer(found, KfpVersionDocument.Of(found, wanted)) : KfpRefusals.NoVersion(found, version).ToResult());

    private static IResult Tags(string @namespace, string name, HttpContext context, TimeProvider clock) => InPackage(context, @namespace, name, clock,
        found => Answer(found, new KfpTagsDocument([.. found.Tags.Select(tag => KfpTagDocument.Of(found, tag.Tag, tag.Version))])));

    private static IResult GetTag(string @namespace, string name, string tag, HttpContext context, TimeProvider clock) => InPackage(context, @namespace, name, clock,
        found => found.ByTag(tag) is { } version ? Answer(found, KfpTagDocument.Of(found, tag, version)) : KfpRefusals.NoTag(found, tag).ToResult());

    private static async Task<IResult> DownloadAsync(
        string @namespace, string name, string version, HttpContext context, IBlobStore blobs, TimeProvider clock, VersionNotice notice, UnreadyForms unready, CancellationToken cancellation)
    {
        var package = KfpPackage.Find(context, @namespace, name, clock);
        if (package?.Find(version) is { } wanted)
            return await wanted.ServeAsync(context, package.Component, Digest.IsSha256(version), blobs, notice, cancellation);
        if (CatalogView.Of(context).Find(@namespace, name) is { } component && UnreadyForms.Next(component, version) is { } next)
            return (await unready.RefuseAsync(context, component, next, RenditionForm.Component)).ToResult();
        return (package is null ? Missing.Component(@namespace, name) : KfpRefusals.NoVersion(package, version)).ToResult();
    }

    private static IResult InPackage(HttpContext context, string space, string name, TimeProvider clock, Func<KfpPackage, IResult> act) =>
        KfpPackage.Find(context, space, name, clock) is { } package ? act(package) : Missing.Component(space, name).ToResult();

    private static Served Answer<T>(KfpPackage package, T document) => Served.Json(document) with { Until = package.Component.NextExpiry is null ? package.Component.Freshness : null };
}
