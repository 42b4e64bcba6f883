using Claimed.Components;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Catalogs;

/// <summary>Turns what routes of a client's protocol refuse, and what fails beneath them, into the errors that this client reads.</summary>
internal abstract class ClientErrors : IEndpointFilter
{
    private const int MostFindings = 5;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            var answer = await next(context);
            return answer is RefusalResult refused ? Of(context.HttpContext, refused.Refusal) : answer;
        }
        catch (Exception fault) when (RefusalHandler.Of(fault) is not null)
        {
            if (fault is BlobLostException gone)
                context.HttpContext.RequestServices.GetRequiredService<LostBlobs>().Tell(gone);
            return Of(context.HttpContext, RefusalHandler.Of(fault)!);
        }
    }

    /// <param name="message">What, where and how to fix it, without secrets.</param>
    protected abstract IResult Document(int status, string message);

    private IResult Of(HttpContext context, Refusal refusal)
    {
        refusal.SayInHeaders(context.Response);
        return Document(refusal.Status, SecretText.Hide($"{refusal.Title} {refusal.Detail}{Findings(refusal)}"));
    }

    /// <summary>These clients show their users nothing but the message.</summary>
    private static string Findings(Refusal refusal) => string.Concat((refusal.Findings ?? []).Where(finding => finding.Severity == Severity.Error).Take(MostFindings)
        .Select(finding => $" {finding.Position.File}:{finding.Position.Line}: {finding.Message} {finding.Fix}"));
}
