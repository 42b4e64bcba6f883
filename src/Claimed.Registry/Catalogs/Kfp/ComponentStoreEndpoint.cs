using Claimed.Components.Renditions;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>
/// <c>/catalogs/kfp/store/</c>: a search prefix for <c>kfp.components.ComponentStore</c> of the KFP SDK 1.x, and <c>…/store/{namespace}/</c> one
/// for the components of a namespace. A name with a slash comes as it is or as <c>%2F</c>.
/// </summary>
internal static class ComponentStoreEndpoint
{
    private static readonly string[] ByDigest = ["versions", "sha256"];
    private static readonly string[] ByTag = ["versions", "tags"];

    public static void MapComponentStore(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/catalogs/kfp/store/{**path}", Reading.Methods, GetAsync).BySight().WithTags("Clients").WithName("getStoreComponent")
            .WithSummary("Download a component, for the component store of the KFP SDK 1.x")
            .WithDescription("`path` is `{namespace}/{name}/component.yaml` (what `latest` means), `{namespace}/{name}/versions/sha256/{hex}` (also of the text with LF for CRLF, which the store computes) or `{namespace}/{name}/versions/tags/{tag}`.")
            .Returns<string>(200, "The bytes.", Examples.ComponentYaml, "application/yaml").Refuses(404, "component-not-found", "version-not-found", "version-not-ready").Refuses(503, "blob-missing");

    private static async Task<IResult> GetAsync(string path, HttpContext context, LineEnds texts, IBlobStore blobs, TimeProvider clock, VersionNotice notice, UnreadyForms unready, CancellationToken cancellation)
    {
        // The server leaves %2F as it came; everything else is decoded already.
        var parts = path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Split('/');
        if (parts.Length < 3 || CatalogView.Of(context).Find(parts[0], parts[1]) is not { } component)
            return Missing.Component(parts[0], parts.ElementAtOrDefault(1) ?? "").ToResult();
        var package = new KfpPackage(component, clock);
        var (found, isPinned) = parts[2..] switch
        {
            [RenditionForm.Component] => (package.ByTag(Storage.Snapshot.ComponentEntry.Latest), false),
            [.. var way, var hex] when way.SequenceEqual(ByDigest) => (package.ByDigest($"sha256:{hex}") ?? await texts.FindAsync(package, $"sha256:{hex}", cancellation), true),
            [.. var way, var tag] when way.SequenceEqual(ByTag) => (package.ByTag(tag), false),
            _ => (null, false),
        };
        var tagged = parts[2..] is [.. var place, var last] && place.SequenceEqual(ByTag) ? last : parts[2..] is [RenditionForm.Component] ? Storage.Snapshot.ComponentEntry.Latest : null;
        if (found is null && tagged is not null && UnreadyForms.Next(component, tagged) is { } next)
            return (await unready.RefuseAsync(context, component, next, RenditionForm.Component)).ToResult();
        // The store loads what it gets, so it gets the form with the pinned image; by digest it gets the bytes it asked for.
        if ((isPinned ? found?.Definition : found?.Version.Renditions.GetValueOrDefault(RenditionForm.Component)) is not { } definition)
            return new Refusal(404, "version-not-found", "There is no such version.", $"{component.Subject} has nothing at {string.Join('/', parts[2..])}.").ToResult();
        return await new KfpVersion(found!.Version, definition).ServeAsync(context, component, isPinned, blobs, notice, cancellation);
    }
}
