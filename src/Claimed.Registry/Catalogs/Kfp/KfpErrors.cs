using Claimed.Registry.Http;

namespace Claimed.Registry.Catalogs.Kfp;

/// <summary>An error as Google's APIs write one, which is what users of the SDK's registry client are shown.</summary>
public sealed record KfpErrorDocument(KfpError Error);

/// <param name="Code">The HTTP status again.</param>
/// <param name="Message">What, where and how to fix it.</param>
/// <param name="Status">Google's word for the status, such as <c>NOT_FOUND</c>.</param>
public sealed record KfpError(int Code, string Message, string Status);

/// <summary>Turns what these routes refuse into the SDK's errors.</summary>
internal sealed class KfpErrors : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RefusedException refused)
        {
            return Of(refused.Refusal);
        }
    }

    public static IResult Of(Refusal refusal) => Results.Json(
        new KfpErrorDocument(new KfpError(refusal.Status, SecretText.Hide($"{refusal.Title} {refusal.Detail}"), StatusOf(refusal.Status))), Json.Options, statusCode: refusal.Status);

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
