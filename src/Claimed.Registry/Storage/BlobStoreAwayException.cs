using Claimed.Registry.Http;

namespace Claimed.Registry.Storage;

/// <summary>The server that has the blobs does not answer, or refuses to: the same request may succeed later.</summary>
public sealed class BlobStoreAwayException(string what, Exception? cause = null) : Exception(what, cause)
{
    /// <summary>For requests that need the store meanwhile; what the server said is for the operator.</summary>
    public static readonly Refusal Away = new(503, "blobs-unreachable", "The blob store does not answer.",
        "Nothing was stored, or what was is whole: send the request again in a few seconds. Lists and versions are served meanwhile.")
    { RetryAfter = DatabaseFaults.RetryAfter };
}
