using System.Buffers;
using Claimed.Components;
using Claimed.Database.Catalog;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Images.Browse;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Images;

/// <summary>Pulling, pushing and deleting manifests, by tag and by digest, and what refers to them.</summary>
public sealed class ManifestEndpoints(
    ImageStore store, ManifestCache cache, ImageChanges changes, NamespaceQuota quota, ImageRights rights, ExpiredImages expired, Rights access, SnapshotFeed feed, IBlobStore blobs, PullCounts pulls,
    DeferredBuilds deferred, IOptions<ImageOptions> options)
{
    private const int MostTags = 50;

    public async Task<IResult> ReadAsync(HttpContext context, ImageRoute route)
    {
        if (CheckReference(route.Reference) is { } odd)
            return odd;
        if (expired.Hides(route.Repository, route.Reference))
            return await UnknownAsync(context, route);
        var path = context.Request.Path.Value!;
        if (!cache.TryFind(path, out var kept))
        {
            var epoch = cache.EpochOf(route.Repository, route.Reference);
            if (await store.FindManifestAsync(route.Repository, route.Reference, context.RequestAborted) is not { } manifest)
                return await UnknownAsync(context, route);
            var bytes = cache.FindOlder(path, manifest.Digest)?.Bytes ?? await blobs.ReadAllAsync(manifest.Digest, context.RequestAborted);
            kept = new KeptManifest(route.Repository, route.Reference, epoch, manifest.Digest, manifest.MediaType, bytes);
            cache.Keep(path, kept);
        }
        pulls.Count(context.Request, kept);
        await kept.AnswerAsync(context, isForOne: !access.IsPublic(route.Repository));
        return Results.Empty;
    }

    /// <summary>
    /// The specification has 404 for what is gone, too; of a purged version it says why. Of a version whose build waits to be asked for, the first pull
    /// asks for it: clients begin with HEAD.
    /// </summary>
    private async Task<OciError> UnknownAsync(HttpContext context, ImageRoute route)
    {
        var unknown = OciError.ManifestUnknown(route.Repository, route.Reference);
        if (feed.Current.Components.GetValueOrDefault(route.Repository) is not { } component)
            return unknown;
        if (SemanticVersion.TryParse(route.Reference, out var number) && component.Find(number) is { State: VersionState.Purged } gone)
            return unknown with { Message = $"{unknown.Message} The version was removed: {gone.Reason}" };
        if (DeferredBuilds.Next(component, route.Reference) is not { } next)
            return unknown;
        var asked = next.IsDeferred ? await deferred.AskAsync(context, component, next) : null;
        return unknown with { Message = $"{unknown.Message} {component.Subject} {next.Number} is {next.State}. {asked?.Words}".TrimEnd(), RetryAfter = asked?.RetryAfter };
    }

    public async Task<IResult> PutAsync(HttpContext context, ImageRoute route)
    {
        if (CheckReference(route.Reference) is { } odd)
            return odd;
        var isPinned = route.Reference.Contains(':');
        string[] tags = isPinned ? [.. context.Request.Query["tag"].OfType<string>()] : [route.Reference];
        if (tags.Length > MostTags)
            return new OciError(400, "TAG_INVALID", $"A manifest is pushed with at most {MostTags} tags at once, and these are {tags.Length}. Push it again with the others.");
        var caller = Caller.Of(context);
        if ((rights.RefusalOfPush(caller, route.Repository) ?? RefusalOf(caller, route.Repository, tags)) is { } refused)
            return refused;
        var bytes = await ReadBodyAsync(context);
        if (isPinned && !Digest.Matches(route.Reference, bytes.Span))
            return OciError.DigestMismatch(route.Reference);
        var digest = isPinned ? route.Reference : Digest.Of(bytes.Span);
        var manifest = ManifestReader.Read(bytes, context.Request.ContentType?.Split(';')[0].Trim() ?? "");
        if (await quota.RefusalAsync(route.Repository, digest, bytes.Length, context.RequestAborted) is { } full)
            return full;
        await PutAgain.RunAsync(async () =>
        {
            await blobs.PutAsync(digest, bytes, context.RequestAborted);
            await changes.PutManifestAsync(caller, route.Repository, digest, bytes.Length, manifest, tags, context.RequestAborted);
        });
        var headers = context.Response.Headers;
        headers["Docker-Content-Digest"] = digest;
        if (manifest.Subject is not null)
            headers["OCI-Subject"] = manifest.Subject;
        if (isPinned && tags.Length > 0)
            headers["OCI-Tag"] = tags;
        return Results.Created($"{context.Request.PathBase}/v2/{route.Repository}/manifests/{digest}", null);
    }

    public async Task<IResult> DeleteAsync(HttpContext context, ImageRoute route)
    {
        if (CheckReference(route.Reference) is { } odd)
            return odd;
        var isTag = !route.Reference.Contains(':');
        if (isTag && rights.RefusalOf(Caller.Of(context), route.Repository, route.Reference) is { } refused)
            return refused;
        var wasThere = isTag
            ? await changes.DeleteTagAsync(Caller.Of(context), route.Repository, route.Reference, context.RequestAborted)
            : await changes.DeleteManifestAsync(route.Repository, route.Reference, context.RequestAborted);
        return wasThere ? Results.Accepted() : OciError.ManifestUnknown(route.Repository, route.Reference);
    }

    /// <summary>The manifests that name this digest as their subject; an empty index for one that nothing refers to.</summary>
    public async Task<IResult> ReferrersAsync(HttpContext context, ImageRoute route)
    {
        if (!Digest.IsKnown(route.Reference))
            return OciError.DigestInvalid(route.Reference);
        var rows = await store.ListReferrersAsync(route.Repository, route.Reference, context.RequestAborted);
        var type = context.Request.Query["artifactType"].ToString();
        if (type.Length > 0)
            context.Response.Headers["OCI-Filters-Applied"] = "artifactType";
        var manifests = rows.Where(row => type.Length == 0 || row.ArtifactType == type).Select(row => new
        {
            row.MediaType,
            row.Digest,
            row.Size,
            row.ArtifactType,
            Annotations = row.Annotations is null ? null : Json.Read<Dictionary<string, string>>(row.Annotations),
        });
        return new OciJson(new { schemaVersion = 2, mediaType = MediaTypes.OciIndex, manifests }, MediaTypes.OciIndex);
    }

    private OciError? RefusalOf(Caller caller, string repository, string[] tags)
    {
        foreach (var tag in tags)
        {
            if (!ImageNames.IsTag(tag))
                return TagInvalid(tag);
            if (rights.RefusalOf(caller, repository, tag) is { } refused)
                return refused;
        }
        return null;
    }

    private async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        var limit = options.Value.MaxManifestBytes;
        var tooLarge = new OciError(413, "MANIFEST_INVALID", $"The manifest is larger than {limit} bytes (Images__MaxManifestBytes).");
        if (context.Request.ContentLength > limit)
            throw new OciRefusedException(tooLarge);
        var collected = new ArrayBufferWriter<byte>();
        using var body = new IdleBody(context, options.Value.IdleTimeout);
        while (collected.WrittenCount <= limit)
        {
            var (count, cut) = await body.FillAsync(collected.GetMemory(16 * 1024));
            if (cut is not null)
                throw cut;
            if (count == 0)
                return collected.WrittenMemory;
            collected.Advance(count);
        }
        throw new OciRefusedException(tooLarge);
    }

    private static OciError? CheckReference(string reference)
    {
        if (reference.Contains(':'))
            return Digest.IsKnown(reference) ? null : OciError.DigestInvalid(reference);
        return ImageNames.IsTag(reference) ? null : TagInvalid(reference);
    }

    private static OciError TagInvalid(string tag) => new(400, "TAG_INVALID",
        $"\"{(tag.Length <= 150 ? tag : tag[..150] + "…")}\" is no tag: 1 to 128 letters, digits, dots, hyphens and underscores, not beginning with a dot or hyphen.");
}
