using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Microsoft.AspNetCore.Http.Features;

namespace Claimed.Registry.Images;

/// <summary><c>POST /api/v1/namespaces/{namespace}/retention/preview</c>: what retention rules would remove.</summary>
public static class RetentionEndpoints
{
    private const int MostShown = 1000;

    public static void MapRetention(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/namespaces/{namespace}/retention/preview", PreviewAsync).Needs(Deed.Manage).WithTags("Namespaces").WithName("previewRetention")
            .WithSummary("See which tags retention rules would remove")
            .WithDescription("With the rules in the body, or without one those of the namespace. Nothing is removed; the next collection applies the rules of the namespace. "
                + $"The answer lists the first {MostShown} by repository and tag.")
            .WithMetadata(new JsonRequest(typeof(RetentionPreviewRequest), """{"retention": [{"tags": "pr-*", "keepLast": 10, "keepFor": "30d"}]}"""))
            .Returns<RetentionPreview>(200, "What would go.",
                """{"removed": 1, "kept": 10, "items": [{"repository": "acme/tool", "tag": "pr-17", "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "pushedAt": "2026-09-01T08:00:00+00:00", "why": "rule 1 keeps the last 10 and what was pushed within 30d, and this is number 11"}]}""")
            .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found").Refuses(415, "not-json").Refuses(422, "bad-field");

    private static async Task<IResult> PreviewAsync(string @namespace, HttpContext context, TagRetention retention)
    {
        var asked = context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } ? null : await JsonBody.ReadAsync(context.Request, "retention");
        var rules = asked?.Has("retention") == true ? RetentionDocument.Read(asked, "retention") : null;
        var (unkept, kept) = await retention.PreviewAsync(@namespace, rules, context.RequestAborted);
        return Served.Json(new RetentionPreview(unkept.Count, kept, [.. unkept.Take(MostShown).Select(UnkeptTagDocument.From)]));
    }
}

/// <summary>Rules to try; without them those of the namespace.</summary>
public sealed record RetentionPreviewRequest(IReadOnlyList<RetentionDocument>? Retention);

/// <summary>What rules would do now.</summary>
/// <param name="Removed">How many tags would go.</param>
/// <param name="Kept">How many of the tags that the rules cover would stay.</param>
public sealed record RetentionPreview(int Removed, int Kept, IReadOnlyList<UnkeptTagDocument> Items);

/// <summary>A tag that no rule keeps.</summary>
/// <param name="PushedAt">When the tag was last set.</param>
/// <param name="Why">What each rule that covers it says.</param>
public sealed record UnkeptTagDocument(string Repository, string Tag, string Digest, DateTimeOffset PushedAt, string Why)
{
    public static UnkeptTagDocument From(UnkeptTag tag) => new(tag.Repository, tag.Tag, tag.Digest, DateTimeOffset.FromUnixTimeMilliseconds(tag.PushedAt), tag.Why);
}
