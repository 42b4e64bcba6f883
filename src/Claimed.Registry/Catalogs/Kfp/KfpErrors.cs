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
    private const int MostFindings = 5;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            var answer = await next(context);
            return answer is RefusalResult refused ? Of(context.HttpContext, refused.Refusal) : answer;
        }
        catch (RefusedException refused)
        {
            return Of(context.HttpContext, refused.Refusal);
        }
    }

    private static IResult Of(HttpContext context, Refusal refusal)
    {
        if (refusal.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"claimed-registry\"";
        var message = SecretText.Hide($"{refusal.Title} {refusal.Detail}{Findings(refusal)}");
        return Results.Json(new KfpErrorDocument(new KfpError(refusal.Status, message, StatusOf(refusal.Status))), Json.Options, statusCode: refusal.Status);
    }

    /// <summary>The SDK shows its user nothing but the message.</summary>
    private static string Findings(Refusal refusal) => string.Concat((refusal.Findings ?? []).Where(finding => finding.Severity == Components.Severity.Error).Take(MostFindings)
        .Select(finding => $" {finding.Position.File}:{finding.Position.Line}: {finding.Message} {finding.Fix}"));

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
