using Claimed.Registry.Http;

namespace Claimed.Registry.Access.Passes;

/// <summary><c>GET /token</c>: the token service of the image store, as docker, podman, skopeo and containerd ask for it.</summary>
public static class PassEndpoint
{
    public const string Path = "/token";

    private const string KeysPath = "/.well-known/jwks.json";

    public static void MapPasses(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Path, Issue).Open()
            .WithName("issueImagePass").WithTags("Images")
            .WithSummary("Hand an image client a short-lived pass")
            .WithDescription("For the caller of the Basic credentials, or for anonymous pulling without any. `scope=repository:acme/tool:pull,push`, repeated, says what for; "
                + "the pass opens what of it the caller may, until the caller's token or ticket ends. A pass is no credential here. It is a JWT (ES256) whose keys are at `/.well-known/jwks.json`.")
            .Returns<ImagePassDocument>(200, "The pass.", """{"token": "eyJ…", "access_token": "eyJ…", "expires_in": 300, "issued_at": "2026-01-01T12:00:00+00:00"}""")
            .Refuses(401, "unauthorized");
        endpoints.MapMethods(KeysPath, Reading.Methods, (SigningKeys keys) => Served.Json(new KeySetDocument([.. keys.All.Select(key => key.Public)]))).Open()
            .WithName("getKeys").WithTags("Images").WithSummary("The public keys that passes are signed with")
            .Returns<KeySetDocument>(200, "A JSON Web Key Set.", """{"keys": [{"kty": "EC", "use": "sig", "alg": "ES256", "kid": "…", "crv": "P-256", "x": "…", "y": "…"}]}""");
    }

    private static IResult Issue(HttpContext context, ImagePasses passes, Rights rights, TimeProvider clock)
    {
        var credentials = Credentials.Of(context);
        if (credentials.Failure is not null)
        {
            // A wrong password must not become an anonymous pass: "docker login" would report success.
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"claimed-registry\"";
            return AccessRefusals.Unknown.ToResult();
        }
        var granted = PassAccess.Read(context.Request.Query["scope"])
            .Select(wanted => wanted with { Actions = [.. wanted.Actions.Where(action => rights.MayAct(credentials.Caller, wanted.Name, action))] })
            .Where(access => access.Actions.Count > 0).ToList();
        var (pass, seconds) = passes.Issue(credentials.Caller, granted);
        context.Response.Headers.CacheControl = "no-store";
        var issued = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        return Results.Json(new ImagePassDocument(pass, pass, seconds, issued), ImagePassDocument.Form);
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
