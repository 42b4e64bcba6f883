using Claimed.Registry.Http;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>An error as Google's APIs write one, which is what users of the SDK's registry client are shown.</summary>
public sealed record KfpErrorDocument(KfpError Error);

/// <summary>What went wrong.</summary>
/// <param name="Code">The HTTP status again.</param>
/// <param name="Message">What, where and how to fix it.</param>
/// <param name="Status">Google's word for the status, such as <c>NOT_FOUND</c>.</param>
public sealed record KfpError(int Code, string Message, string Status);

/// <summary>Errors of the SDK.</summary>
internal sealed class KfpErrors : ClientErrors
{
    protected override IResult Document(int status, string message) => Results.Json(new KfpErrorDocument(new KfpError(status, message, StatusOf(status))), Json.Options, statusCode: status);

    private static string StatusOf(int status) => status switch
    {
        400 or 413 or 415 or 422 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 or 410 => "NOT_FOUND",
        409 => "ALREADY_EXISTS",
        412 => "FAILED_PRECONDITION",
        429 or 507 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        _ => "UNKNOWN",
    };
}
