using Claimed.Registry.Http;

namespace Claimed.Registry.Access;

/// <summary><c>GET /token</c>: the token service of the image store, as docker, podman, skopeo and containerd ask for it.</summary>
public static class TokenEndpoint
{
    public const string Path = "/token";

    public static void MapToken(this IEndpointRouteBuilder endpoints) => endpoints.MapGet(Path, Issue).Open()
        .WithName("IssueImagePass")
        .WithTags("Images")
        .WithSummary("Hands an image client a short-lived pass: for the caller of the Basic credentials, or for anonymous reading without any.")
        .Returns<ImagePassDocument>(200, "The pass.", """{"token": "eyJ…", "access_token": "eyJ…", "expires_in": 300, "issued_at": "2026-01-01T12:00:00+00:00"}""")
        .Refuses(401, "unauthorized");

    private static IResult Issue(HttpContext context, ImagePasses passes, TimeProvider clock)
    {
        if (Credentials.Of(context).Failure is not null)
        {
            // A wrong password must not become an anonymous pass: "docker login" would report success.
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"claimed-registry\"";
            return AccessRefusals.Unknown.ToResult();
        }
        var pass = passes.Issue(Caller.Of(context));
        context.Response.Headers.CacheControl = "no-store";
        var issued = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        return Results.Json(new ImagePassDocument(pass, pass, (int)ImagePasses.Lifetime.TotalSeconds, issued), ImagePassDocument.Form);
    }
}

/// <summary>A pass for the image store.</summary>
/// <param name="Token">To be sent as <c>Authorization: Bearer</c>.</param>
/// <param name="AccessToken">The same under its OAuth name.</param>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="IssuedAt">RFC 3339.</param>
public sealed record ImagePassDocument(string Token, string AccessToken, int ExpiresIn, DateTimeOffset IssuedAt)
{
    // The token protocol's names are in snake case.
    internal static readonly System.Text.Json.JsonSerializerOptions Form =
        new(Json.Options) { PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower };
}
