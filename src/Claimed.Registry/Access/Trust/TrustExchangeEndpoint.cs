using System.Text;
using System.Text.Json.Serialization;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Claimed.Registry.Access.Trust;

/// <summary><c>POST /api/v1/trust/token</c>: where a CI job exchanges its own token for one of this registry.</summary>
public static class TrustExchangeEndpoint
{
    private const int MaxAssertion = 16 * 1024;
    private const string FormType = "application/x-www-form-urlencoded";
    private static readonly string[] Names = ["token", "component", "namespace"];

    public static void MapTrustExchange(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/trust/token", PostAsync).Open().WithTags("Access").WithName("exchangeToken").WithSummary("Exchange a CI job's OpenID Connect token")
            .WithDescription("Once for each token. The answer holds for 15 minutes and for exactly the pattern of the trust rule, with the scopes publish and pull. "
                + "With `component` the narrowest rule that covers it is taken, with `namespace` the widest of the namespace whose claims match. "
                + "A form with `subject_token` (RFC 8693), beside `component` or `namespace`, is answered in that protocol's words.")
            .WithMetadata(new JsonRequest(typeof(TrustExchangeDocument), """{"token": "eyJ…", "component": "acme/filter-csv"}"""))
            .Returns<TokenDocument>(201, "The token, with its secret.",
                """{"id": 8, "name": "github acme/filters", "scopes": ["pull", "publish"], "pattern": "acme/filter-*", "createdBy": "trust rule 3", "createdAt": "2026-01-01T12:00:00+00:00", "expiresAt": "2026-01-01T12:15:00+00:00", "token": "clmt_…"}""")
            .Returns<OAuthTokenDocument>(200, "The same in the words of RFC 8693, for a form.",
                """{"access_token": "clmt_…", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "token_type": "Bearer", "expires_in": 900}""")
            .Refuses(400, "malformed-json").Refuses(401, "assertion-malformed", "unknown-issuer", "assertion-signature", "assertion-audience", "assertion-expired", "assertion-not-yet-valid")
            .Refuses(403, "not-trusted").Refuses(409, "assertion-used").Refuses(413, "body-too-large").Refuses(415, "not-json").Refuses(422, "bad-field").Refuses(503, "issuer-unreachable");

    private static async Task<IResult> PostAsync(HttpContext context, TrustExchange exchange, RegistryUrls urls)
    {
        context.Response.Headers.CacheControl = "no-store";
        var isForm = context.Request.GetTypedHeaders().ContentType?.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase) == true;
        var (token, subject) = isForm ? await FormAsync(context.Request) : await JsonAsync(context.Request);
        var (space, name) = TrustExchange.Subject(subject);
        var (row, secret) = await exchange.RunAsync(token, space, name, context);
        return isForm
            ? Results.Json(OAuthTokenDocument.For(secret))
            : Results.Created($"{urls.Base}/api/v1/tokens/{row.Id}", TokenDocument.From(row, null, secret));
    }

    private static async Task<(string Token, string Subject)> JsonAsync(HttpRequest request)
    {
        var asked = await JsonBody.ReadAsync(request, Names);
        return (asked.Text("token", most: MaxAssertion) ?? throw JsonBody.Bad("token", "is missing: send the job's OpenID Connect token."),
            asked.Text("component") ?? asked.Text("namespace") ?? throw NoSubject);
    }

    private static async Task<(string Token, string Subject)> FormAsync(HttpRequest request)
    {
        var form = QueryHelpers.ParseQuery("?" + Encoding.UTF8.GetString((await JsonBody.BytesAsync(request)).Span));
        string? Field(string name) => form.GetValueOrDefault(name) is { Count: > 0 } values && values[0] is { Length: > 0 } value ? value : null;
        if (Field("subject_token") is not { Length: <= MaxAssertion } token)
            throw JsonBody.Bad("subject_token", $"is missing, or has more than {MaxAssertion} characters: send the job's OpenID Connect token.");
        return (token, Field("component") ?? Field("namespace") ?? throw NoSubject);
    }

    private static RefusedException NoSubject => JsonBody.Bad("component", "is missing: say what is to be published, such as acme/filter-csv, or name a namespace.");
}

/// <summary>What a CI job sends.</summary>
/// <param name="Token">Its OpenID Connect token.</param>
/// <param name="Component">What it wants to publish, <c>acme/filter-csv</c>.</param>
/// <param name="Namespace">Instead of a component.</param>
public sealed record TrustExchangeDocument(string Token, string? Component, string? Namespace);

/// <summary>A token in the words of RFC 8693; their names are in snake case.</summary>
/// <param name="ExpiresIn">Seconds.</param>
public sealed record OAuthTokenDocument(
    [property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("issued_token_type")] string IssuedTokenType,
    [property: JsonPropertyName("token_type")] string TokenType, [property: JsonPropertyName("expires_in")] int ExpiresIn)
{
    public static OAuthTokenDocument For(string secret) =>
        new(secret, "urn:ietf:params:oauth:token-type:access_token", "Bearer", (int)TrustExchange.Lifetime.TotalSeconds);
}
