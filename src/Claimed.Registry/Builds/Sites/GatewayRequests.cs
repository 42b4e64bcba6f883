using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Claimed.Registry.Builds.Sites;

/// <summary>Answers what steps ask the gateway for in plain HTTP: packages from where the site has them, the rest from where it lies.</summary>
internal sealed class GatewayRequests(PackageIndex index, SiteClient client, GatewayTickets tickets, IHttpForwarder forwarder, IOptions<SiteOptions> options)
{
    public async Task AnswerAsync(HttpContext context)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!Uri.TryCreate(raw, UriKind.Absolute, out var asked) || asked.Scheme != Uri.UriSchemeHttp)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        if (!tickets.Opens(context.Request.Headers.ProxyAuthorization))
        {
            context.Response.StatusCode = StatusCodes.Status407ProxyAuthenticationRequired;
            context.Response.Headers.ProxyAuthenticate = "Basic realm=\"build\"";
            return;
        }
        try
        {
            if (asked.Host == SiteHosts.Pip)
                await index.AnswerAsync(context, asked);
            else if (SiteHosts.Mapped(asked, options.Value) is { } there)
                await SiteAnswer.CopyAsync(context, await client.FetchAsync(new HttpMethod(context.Request.Method), there, null, request => SiteAnswer.Ask(context, request), context.RequestAborted));
            else
                await forwarder.SendAsync(context, asked.GetLeftPart(UriPartial.Authority), client.Invoker, ForwarderRequestConfig.Empty, new As(asked), context.RequestAborted);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException && !context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
    }

    /// <summary>Hands a request on as it came, without the ticket.</summary>
    private sealed class As(Uri asked) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.RequestUri = asked;
            proxyRequest.Headers.Host = null;
            proxyRequest.Headers.ProxyAuthorization = null;
            proxyRequest.Headers.Remove("Proxy-Connection");
        }
    }
}
