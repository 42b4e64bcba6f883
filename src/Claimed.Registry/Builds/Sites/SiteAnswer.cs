namespace Claimed.Registry.Builds.Sites;

/// <summary>Hands on what a server of the site answered, without anything that names it.</summary>
internal static class SiteAnswer
{
    private static readonly string[] Asked = ["Range", "If-Range", "If-Modified-Since", "If-None-Match", "Cache-Control"];
    private static readonly string[] Answered = ["Content-Type", "Content-Length", "Content-Range", "Content-Encoding", "Accept-Ranges", "Last-Modified", "ETag"];

    /// <summary>The headers that a download needs.</summary>
    public static void Ask(HttpContext context, HttpRequestMessage request)
    {
        foreach (var name in Asked)
        {
            if (context.Request.Headers.TryGetValue(name, out var values))
                request.Headers.TryAddWithoutValidation(name, values.ToArray());
        }
    }

    public static async Task CopyAsync(HttpContext context, HttpResponseMessage answer)
    {
        using (answer)
        {
            // What a step may not have is no sign-in that it could do itself.
            context.Response.StatusCode = (int)answer.StatusCode is 401 or 407 ? StatusCodes.Status403Forbidden : (int)answer.StatusCode;
            foreach (var name in Answered)
            {
                if (answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values))
                    context.Response.Headers[name] = values.ToArray();
            }
            if (HttpMethods.IsHead(context.Request.Method))
                return;
            await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
            await body.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }
}
