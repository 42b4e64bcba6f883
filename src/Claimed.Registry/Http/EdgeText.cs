namespace Claimed.Registry.Http;

/// <summary>Refuses U+0000 in addresses before anything looks at them: what a query says may reach a statement of the database.</summary>
public static class EdgeText
{
    public static readonly Refusal Refused = new(400, "bad-request", "The request is malformed.", "The address holds U+0000 (%00), which no name and no text has. Remove it.");

    public static void UseEdgeText(this IApplicationBuilder app) => app.Use((context, next) =>
        HoldsNul(context.Request) && !context.Request.Path.StartsWithSegments("/v2") ? Refused.ToResult().ExecuteAsync(context) : next(context));

    public static bool HoldsNul(HttpRequest request) =>
        request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true || request.Path.Value?.Contains('\0') == true;
}
