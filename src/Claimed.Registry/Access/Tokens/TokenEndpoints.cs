using System.Globalization;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.Tokens;

/// <summary><c>/api/v1/tokens</c>: make, list and revoke tokens.</summary>
public static class TokenEndpoints
{
    private static readonly string[] Names = ["name", "scopes", "pattern", "days", "user", "forNamespace"];

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("/api/v1/tokens").WithTags("Access");
        tokens.MapPost("", PostAsync).NeedsSignIn().WithName("createToken").WithSummary("Make a token")
            .WithDescription("The answer has the token once and never again. It never exceeds the caller: its scopes and its pattern lie within the caller's. "
                + "A person's token acts for the person and ends with the person's rights; `forNamespace` makes one that belongs to the namespace, for owners; `user` one for another person, for administrators. "
                + "`?format=dockerconfigjson` answers a Kubernetes pull secret with it.")
            .WithMetadata(new JsonRequest(typeof(NewTokenDocument), """{"name": "ci", "scopes": ["publish", "pull"], "pattern": "acme/*", "days": 90}"""))
            .Returns<TokenDocument>(201, "The token, with its secret.", TokenDocument.Example.Replace("\"id\": 7", "\"id\": 7, \"token\": \"clmt_…\"", StringComparison.Ordinal))
            .Refuses(400, "bad-query", "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found").Refuses(415, "not-json").Refuses(422, "bad-field");
        tokens.MapMethods("", Reading.Methods, ListAsync).NeedsSignIn().WithName("listTokens").WithSummary("List tokens, newest first")
            .WithDescription("The caller's own; with `namespace` those of the namespace, for owners; with `all=true` all, for administrators. Secrets are never shown.")
            .Returns<Page<TokenDocument>>(200, "A page of tokens.", $$"""{"items": [{{TokenDocument.Example}}]}""")
            .Refuses(400, "bad-query").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found");
        tokens.MapDelete("{id:long}", DeleteAsync).NeedsSignIn().WithName("revokeToken").WithSummary("Revoke a token")
            .WithDescription("At once on this node and within a second on all others. For its person, itself, the owners of its namespace and administrators.")
            .Returns(204, "It is over.").Refuses(401, "unauthorized").Refuses(404, "token-not-found");
    }

    private static async Task<IResult> PostAsync(string? format, HttpContext context, TokenMaking making, RegistryUrls urls)
    {
        if (format is not (null or "dockerconfigjson"))
            throw PageQuery.BadQuery("format can be dockerconfigjson.");
        var asked = await JsonBody.ReadAsync(context.Request, Names);
        var made = await making.MakeAsync(context, new NewTokenDocument(asked.Text("name") ?? "", asked.Words("scopes"), asked.Text("pattern"),
            asked.Number("days"), asked.Text("user"), asked.Flag("forNamespace")));
        context.Response.Headers.CacheControl = "no-store";
        return format is null
            ? Results.Created($"{urls.Base}/api/v1/tokens/{made.Row.Id}", TokenDocument.From(made.Row, made.User, made.Secret))
            : Results.Created($"{urls.Base}/api/v1/tokens/{made.Row.Id}", PullSecretDocument.For(made.Row.Name, urls.ImageHost, made.Secret));
    }

    private static async Task<IResult> ListAsync(
        string? @namespace, bool? all, string? cursor, int? limit, HttpContext context, RegistryDatabase database, CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        var refused = all == true ? EndpointPolicies.Demand(context, Deed.Administer, null, null)
            : @namespace is not null ? EndpointPolicies.Demand(context, Deed.Manage, @namespace, null) : null;
        if (refused is not null)
            return refused.ToResult();
        var page = PageQuery.Read("tokens", cursor, limit, key => long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        var before = page.After is null ? long.MaxValue : long.Parse(page.After, CultureInfo.InvariantCulture);
        var prefix = @namespace + "/";
        var rows = await database.ReadAsync(db => db.Tokens
            .Where(row => row.Id < before && row.RevokedAt == null)
            .Where(row => all == true
                || (@namespace != null && row.UserId == null && row.Pattern.StartsWith(prefix))
                || (@namespace == null && (caller.UserName == null ? row.Id == caller.TokenId : db.Users.Any(user => user.Id == row.UserId && user.Name == caller.UserName))))
            .OrderByDescending(row => row.Id)
            .Select(row => new { Row = row, User = db.Users.Where(user => user.Id == row.UserId).Select(user => user.Name).FirstOrDefault() })
            .AsAsyncEnumerable().Where(row => TokenMaking.IsWithin(row.Row, caller)).Take(page.Limit + 1).ToListAsync(cancellation).AsTask(), cancellation);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(page.Of(rows, row => row.Row.Id.ToString(CultureInfo.InvariantCulture), row => TokenDocument.From(row.Row, row.User)));
    }

    private static async Task<IResult> DeleteAsync(long id, HttpContext context, TokenMaking making)
    {
        await making.RevokeAsync(context, id);
        return Results.NoContent();
    }
}
