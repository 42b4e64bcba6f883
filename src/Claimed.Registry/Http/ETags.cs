using Microsoft.Net.Http.Headers;

namespace Claimed.Registry.Http;

/// <summary>Strong entity tags and conditional reads.</summary>
public static class ETags
{
    /// <summary>The tag of bytes whose digest is known.</summary>
    public static EntityTagHeaderValue Of(string digest) => new($"\"{digest}\"");

    /// <summary>True when the client already has these bytes; the caller then answers 304.</summary>
    public static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag)
    {
        var known = request.GetTypedHeaders().IfNoneMatch;
        return known.Any(candidate => candidate.Equals(EntityTagHeaderValue.Any) || candidate.Compare(tag, useStrongComparison: false));
    }
}
