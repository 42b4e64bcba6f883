using Claimed.Components;
using Claimed.Registry.Http;

namespace Claimed.Registry.Catalogs.Mlx;

/// <summary>Turns what these routes refuse into the errors of the MLX API.</summary>
internal sealed class MlxErrors : IEndpointFilter
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
        var findings = string.Concat((refusal.Findings ?? []).Where(finding => finding.Severity == Severity.Error).Take(MostFindings)
            .Select(finding => $" {finding.Position.File}:{finding.Position.Line}: {finding.Message} {finding.Fix}"));
        return Results.Json(new MlxStatus(SecretText.Hide($"{refusal.Title} {refusal.Detail}{findings}"), refusal.Status), Json.Options, MlxEndpoints.JsonType, refusal.Status);
    }
}
