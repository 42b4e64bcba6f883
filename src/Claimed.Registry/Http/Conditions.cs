using Microsoft.Net.Http.Headers;

namespace Claimed.Registry.Http;

/// <summary>If-Match and If-None-Match of a request that changes something.</summary>
/// <param name="IfMatch">One of these must be the current tag; null when the header is absent.</param>
/// <param name="IfNoneMatch">None of these may be the current tag; null when the header is absent.</param>
public sealed record Conditions(IReadOnlyList<EntityTagHeaderValue>? IfMatch, IReadOnlyList<EntityTagHeaderValue>? IfNoneMatch)
{
    public bool IsUnconditional => IfMatch is null && IfNoneMatch is null;

    /// <exception cref="RefusedException">A header is there and cannot be read; ignoring it would overwrite what the client meant to keep.</exception>
    public static Conditions Of(HttpRequest request) => new(Read(request, HeaderNames.IfMatch), Read(request, HeaderNames.IfNoneMatch));

    /// <summary>Whether the change may go on.</summary>
    /// <param name="current">Tag of what is there; null when nothing is.</param>
    public bool Hold(EntityTagHeaderValue? current)
    {
        if (IfMatch is not null && !IfMatch.Any(tag => current is not null && (IsAny(tag) || tag.Compare(current, useStrongComparison: true))))
            return false;
        return IfNoneMatch is null || current is null || !IfNoneMatch.Any(tag => IsAny(tag) || tag.Compare(current, useStrongComparison: false));
    }

    /// <summary>The refusal of a change whose conditions do not hold; it tells what is there instead.</summary>
    public static Refusal Failed(string detail, EntityTagHeaderValue? current) => new(412, "precondition-failed", "It is not as the request expects.", detail)
    {
        ETag = current?.ToString(),
    };

    private static bool IsAny(EntityTagHeaderValue tag) => tag.Equals(EntityTagHeaderValue.Any);

    private static IReadOnlyList<EntityTagHeaderValue>? Read(HttpRequest request, string header)
    {
        if (!request.Headers.TryGetValue(header, out var values))
            return null;
        return EntityTagHeaderValue.TryParseStrictList([.. values.OfType<string>()], out var tags) && tags.Count > 0
            ? [.. tags]
            : throw new RefusedException(new Refusal(400, "bad-request", "The request is malformed.",
                $"{header} is not a list of entity tags: send the ETag as it was given out, with its quotes, or *."));
    }
}
