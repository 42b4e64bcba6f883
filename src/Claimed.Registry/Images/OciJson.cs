using System.Text.Json;
using Claimed.Registry.Http;

namespace Claimed.Registry.Images;

/// <summary>A small document of the store with its exact length, which HEAD tells, too.</summary>
internal sealed class OciJson(object value, string type = "application/json; charset=utf-8") : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, Json.Options);
        httpContext.Response.ContentType = type;
        httpContext.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}
