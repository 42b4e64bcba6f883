using Microsoft.Net.Http.Headers;

namespace Claimed.Registry.Http;

/// <summary>Strong entity tags and conditional reads.</summary>
public static class ETags
{
    /// <summary>The tag of bytes whose digest is known.</summary>
    public static EntityTagHeaderValue Of(string digest) => new($"\"{digest}\"");

    /// <summary>True when the client already has the bytes of this tag, quotes included; the caller then answers 304.</summary>
    public static bool IsKnown(HttpRequest request, string tag)
    {
        var known = request.Headers.IfNoneMatch;
        // Clients send back what they got, so that the header hardly ever needs to be parsed.
        return known.Count > 0 && ((known.Count == 1 && known[0] == tag) || IsKnown(request, EntityTagHeaderValue.Parse(tag)));
    }

    /// <summary>True when the client already has these bytes; the caller then answers 304.</summary>
    public static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag)
    {
        var known = request.GetTypedHeaders().IfNoneMatch;
        return known.Any(candidate => candidate.Equals(EntityTagHeaderValue.Any) || candidate.Compare(tag, useStrongComparison: false));
    }
}
