namespace Claimed.Registry.Http;

/// <summary>Routes that read: GET, and HEAD with the same headers and no body.</summary>
public static class Reading
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder routes, string pattern, Delegate handler) =>
        routes.MapMethods(pattern, Methods, handler);
}
