using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>Turns the failures that have a cause outside this program into OCI errors; null for the rest.</summary>
internal static class ImageFaults
{
    public static OciError? Name(Exception fault) => fault switch
    {
        OciRefusedException refused => refused.Error,
        RefusedException refused => new OciError(refused.Refusal.Status, "DENIED", refused.Refusal.Detail),
        UploadGoneException => OciError.UploadUnknown(),
        StalledException => new OciError(408, "BLOB_UPLOAD_INVALID", "Nothing arrived for too long (Images__IdleTimeout). What came is kept: ask for the upload's range and go on from there."),
        BadHttpRequestException bad => new OciError(bad.StatusCode, "BLOB_UPLOAD_INVALID", bad.Message),
        BlobLostException lost => new OciError(404, "BLOB_UNKNOWN", $"The registry has lost {lost.Digest}: push it again. The operator's word scrub says what else is lost."),
        _ when StorageFaults.IsFull(fault) => new OciError(507, "INSUFFICIENT_STORAGE", "The registry has no space left. Reading goes on; ask its operator to make room."),
        BlobStoreAwayException => new OciError(503, "UNAVAILABLE", BlobStoreAwayException.Away.Detail) { RetryAfter = DatabaseFaults.RetryAfter },
        _ when DatabaseFaults.IsAway(fault) => new OciError(503, "UNAVAILABLE", DatabaseFaults.Away.Detail) { RetryAfter = DatabaseFaults.RetryAfter },
        _ => null,
    };
}

/// <summary>The other side stood still for longer than <see cref="ImageOptions.IdleTimeout"/>.</summary>
public sealed class StalledException() : Exception("The transfer stood still for too long.");
