namespace Claimed.Registry.Http;

/// <summary>What reads, and changes nothing.</summary>
public static class Reading
{
    /// <summary>GET, and HEAD with the same headers and no body: for <c>MapMethods</c>.</summary>
    public static string[] Methods { get; } = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Whether the request reads.</summary>
    public static bool IsRead(this HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
}
