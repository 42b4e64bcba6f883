using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;

namespace Claimed.Registry.Storage.S3;

/// <summary>What the answers of an S3 server mean for us.</summary>
internal static class S3Faults
{
    /// <summary>The object is not there; that the bucket is not is something else.</summary>
    public static bool IsAbsent(AmazonServiceException fault) => fault.StatusCode == HttpStatusCode.NotFound && fault.ErrorCode is not ("NoSuchBucket" or "NoSuchUpload");

    /// <summary>The server has no such request at all.</summary>
    public static bool IsNotImplemented(AmazonServiceException fault) =>
        fault.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed || fault.ErrorCode is "NotImplemented" or "MethodNotAllowed";

    /// <summary>No answer, or one that has nothing to do with the object asked for.</summary>
    public static bool IsAway(Exception fault) => fault is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or SocketException or OperationCanceledException or TimeoutException;

    public static BlobStoreAwayException Away(Exception fault) => new(fault switch
    {
        AmazonServiceException { ErrorCode: "NoSuchBucket" } => "The bucket does not exist.",
        AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } refused =>
            $"The S3 server refuses the credentials ({Code(refused)}): {refused.Message}",
        AmazonServiceException { StatusCode: not 0 } answer => $"The S3 server answered {(int)answer.StatusCode} ({Code(answer)}): {answer.Message}",
        OperationCanceledException or TimeoutException => "The S3 server did not answer in time.",
        _ => $"The S3 server cannot be reached: {fault.GetBaseException().Message}",
    }, fault);

    /// <summary>Waiting does not mend it: the operator's settings name what is not there or not allowed.</summary>
    public static bool IsMisconfigured(BlobStoreAwayException away) => away.InnerException is AmazonServiceException
    {
        StatusCode: HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest or HttpStatusCode.MovedPermanently,
    };

    private static string Code(AmazonServiceException answer) => string.IsNullOrEmpty(answer.ErrorCode) ? answer.StatusCode.ToString() : answer.ErrorCode;
}
