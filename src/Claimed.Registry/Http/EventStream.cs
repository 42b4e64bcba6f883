using System.Net.ServerSentEvents;
using Microsoft.AspNetCore.Http.Features;

namespace Claimed.Registry.Http;

/// <summary>Server-sent events. The headers go out at once, so that a follower knows that it is heard before there is anything to tell.</summary>
public sealed class EventStream(IAsyncEnumerable<SseItem<string>> items) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.Body.FlushAsync(httpContext.RequestAborted);
        await SseFormatter.WriteAsync(items, response.Body, httpContext.RequestAborted);
    }
}
