using Claimed.Registry.Http;
using Claimed.Registry.Telemetry;

namespace Claimed.Registry.Publish;

/// <summary>Counts publish requests by what became of them.</summary>
internal sealed class PublishCount(RegistryMetrics metrics) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            var answer = await next(context);
            if (answer is RefusalResult { Refusal.Type: { } type })
                metrics.PublishRefused(type);
            else
                metrics.PublishAccepted(isNew: answer is IStatusCodeHttpResult { StatusCode: StatusCodes.Status201Created });
            return answer;
        }
        catch (Exception fault)
        {
            metrics.PublishRefused(fault switch
            {
                RefusedException refused => refused.Refusal.Type,
                BadHttpRequestException => "bad-request",
                OperationCanceledException => "client-left",
                _ => "fault",
            });
            throw;
        }
    }
}
