using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Evidence;

/// <summary><c>/api/v1/digests/{digest}</c>: what a digest is, wherever one was met.</summary>
public static class DigestEndpoints
{
    public static void MapDigests(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/api/v1/digests/{digest}", Reading.Methods, GetAsync).BySight().WithTags("Catalog").WithName("getDigest").WithSummary("Explain a digest")
            .WithDescription("What it is and which versions it belongs to: a bundle, definition, image or rendition (any revision) of a version, yanked and purged ones too; an image of an index; a configuration or layer, "
                + "with the images that have it; a base image, with the versions that were built on it; what is said of an image; an image that no version has. By component and version. Follow `next` as `cursor` for more.")
            .Returns<Page<DigestUseDocument>>(200, "A page of uses.", Examples.Digests)
            .Refuses(400, "bad-reference", "bad-query").Refuses(404, "digest-not-found");

    private static async Task<IResult> GetAsync(
        string digest, string? cursor, int? limit, HttpContext context, DigestSearch search, RegistryUrls urls, TimeProvider clock, CancellationToken cancellation)
    {
        if (!Digest.IsKnown(digest))
            return new Refusal(400, "bad-reference", "The reference cannot be read.",
                "A digest is sha256: and 64 lower-case hex digits, or sha512: and 128.").ToResult();
        var page = PageQuery.Read("digests", cursor, limit);
        var view = CatalogView.Of(context);
        var catalog = Sha256.TryParse(digest, out var wanted) ? view.FindDigest(wanted) : [];
        var uses = catalog.Select(FoundDigest.Of).Concat(await search.InImagesAsync(digest, view, cancellation))
            .Where(use => use.Version?.HasExpired(clock) != true).DistinctBy(use => use.Key).OrderBy(use => use.Key, StringComparer.Ordinal).ToList();
        if (uses.Count == 0)
            return new Refusal(404, "digest-not-found", "Nothing has this digest.", $"No bundle, definition, image, layer, base image or rendition that you may see is {digest}.").ToResult();
        var publishers = await search.PublishersAsync(uses, cancellation);
        return Served.Json(page.Of(uses.Where(use => page.After is null || string.CompareOrdinal(use.Key, page.After) > 0),
            use => use.Key, use => DigestUseDocument.From(use, digest, publishers, urls)));
    }
}

/// <summary>Something that has the digest, or belongs to what has it.</summary>
/// <param name="Repository">Of images: where it lies.</param>
/// <param name="Component">Null for an image that no version has.</param>
/// <param name="Form">Of a rendition; <c>bundle</c> for the archive's bytes.</param>
/// <param name="Image">The version's image, where the digest is a part of it or a thing that is said of it.</param>
/// <param name="Note">What else is to be said, such as the name of a base image.</param>
public sealed record FoundDigest(string Kind, string? Repository, ComponentEntry? Component, VersionEntry? Version, string? Form, string? Image, string? Note)
{
    public const string PlatformImage = "platform-image";
    public const string Config = "image-config";
    public const string Layer = "image-layer";
    public const string Base = "base-image";
    public const string Statement = "statement";

    /// <summary>Its place in lists.</summary>
    public string Key => $"{Component?.Subject ?? Repository} {Version?.Number} {Kind} {Form} {Repository} {Image}";

    public static FoundDigest Of(DigestUse use) => new(use.Kind, null, use.Component, use.Version, use.Form, null, null);
}

/// <summary>Something that has a digest.</summary>
/// <param name="Kind"><c>bundle</c>, <c>definition</c>, <c>image</c> or <c>rendition</c> of a version; <c>platform-image</c> (one of an index), <c>image-config</c>, <c>image-layer</c>, <c>base-image</c> (that a version was built on), <c>statement</c> (that is said of an image).</param>
/// <param name="Namespace">Absent for an image that no version has.</param>
/// <param name="Version">Absent for an image that no version has.</param>
/// <param name="Form">Of a rendition; <c>bundle</c> when the digest is the one of the archive's bytes.</param>
/// <param name="State">Of the version: <c>ready</c>, <c>purged</c> and so on.</param>
/// <param name="Channels">Those that mean the version now.</param>
/// <param name="PublishedBy">Name of a user or a token.</param>
/// <param name="Build">The version's newest build.</param>
/// <param name="Repository">Where the image lies.</param>
/// <param name="Image">The image that it is a part of, or that it says something of.</param>
/// <param name="Note">For example the name of a base image.</param>
/// <param name="Links"><c>version</c>, <c>build</c>, <c>image</c>, and <c>content</c> where the bytes have an address.</param>
public sealed record DigestUseDocument(
    string Kind, string? Namespace, string? Name, string? Version, string? Form, string? State, bool? Yanked, IReadOnlyList<string>? Channels, string? PublishedBy, DateTimeOffset? PublishedAt,
    long? Build, string? Repository, string? Image, string? Note, IReadOnlyDictionary<string, string> Links)
{
    internal static DigestUseDocument From(FoundDigest use, string digest, IReadOnlyDictionary<long, string?> publishers, RegistryUrls urls)
    {
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        if (use.Repository is { } repository)
            links["image"] = $"{urls.Image(repository)}/manifests/{use.Image ?? digest}";
        if (use is not { Component: { } component, Version: { } version })
            return new DigestUseDocument(use.Kind, null, null, null, null, null, null, null, null, null, null, use.Repository, use.Image, use.Note, links);
        var (space, name, number) = (component.Namespace, component.Name, version.Number.ToString());
        links["version"] = urls.Version(space, name, number);
        if (use.Form is { } form)
            links["content"] = $"{urls.Version(space, name, use.Kind == DigestUse.Rendition ? digest : number)}/{form}";
        if (version.Build is { } build)
            links["build"] = urls.Build(build.Id);
        return new DigestUseDocument(use.Kind, space, name, number, use.Form, version.State, version.Yanked,
            [.. component.Channels.Where(channel => channel.Version.Equals(version.Number)).Select(channel => channel.Name)], publishers.GetValueOrDefault(version.Id),
            DateTimeOffset.FromUnixTimeMilliseconds(version.CreatedAt), version.Build?.Id, use.Repository, use.Image, use.Note, links);
    }
}
