using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Catalogs;

/// <summary><c>/api/v1/digests/{digest}</c>: what a digest is, wherever one was met.</summary>
public static class DigestEndpoints
{
    public static void MapDigests(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/v1/digests/{digest}", Reading.Methods, Get).BySight().WithTags("Catalog").WithName("getDigest").WithSummary("Find what has a digest")
            .WithDescription("Versions whose bundle, definition, image or rendition (any revision) has this digest, by component and version; yanked ones too. "
                + "Follow `next` as `cursor` for more.")
            .Returns<Page<DigestUseDocument>>(200, "A page of uses.", Examples.Digests)
            .Refuses(400, "bad-reference", "bad-query").Refuses(404, "digest-not-found");

    private static IResult Get(string digest, string? cursor, int? limit, HttpContext context, RegistryUrls urls, TimeProvider clock)
    {
        if (!Sha256.TryParse(digest, out var wanted))
            return new Refusal(400, "bad-reference", "The reference cannot be read.",
                "A digest of the catalog is sha256: and 64 lower-case hex digits.").ToResult();
        var page = PageQuery.Read("digests", cursor, limit);
        var uses = CatalogView.Of(context).FindDigest(wanted).Where(use => !use.Version.HasExpired(clock)).ToList();
        return uses.Count == 0
            ? new Refusal(404, "digest-not-found", "Nothing has this digest.", $"No bundle, definition, image or rendition of the catalog is {digest}.").ToResult()
            : Served.Json(page.Of(uses.OrderBy(use => use.Key, StringComparer.Ordinal).Where(use => page.After is null || string.CompareOrdinal(use.Key, page.After) > 0),
                use => use.Key, use => DigestUseDocument.From(use, digest, urls)));
    }
}

/// <summary>Something that has a digest.</summary>
/// <param name="Kind"><c>bundle</c>, <c>definition</c>, <c>image</c> or <c>rendition</c>.</param>
/// <param name="Form">Of a rendition; <c>bundle</c> when the digest is the one of the archive's bytes.</param>
/// <param name="Links"><c>version</c>, and <c>content</c> where the bytes have an address.</param>
public sealed record DigestUseDocument(
    string Kind, string Namespace, string Name, string Version, string? Form, IReadOnlyDictionary<string, string> Links)
{
    public static DigestUseDocument From(DigestUse use, string digest, RegistryUrls urls)
    {
        var (space, name, version) = (use.Component.Namespace, use.Component.Name, use.Version.Number.ToString());
        var links = new Dictionary<string, string>(StringComparer.Ordinal) { ["version"] = urls.Version(space, name, version) };
        if (use.Form is { } form)
            links["content"] = $"{urls.Version(space, name, use.Kind == DigestUse.Rendition ? digest : version)}/{form}";
        return new DigestUseDocument(use.Kind, space, name, version, use.Form, links);
    }
}
