using System.Globalization;
using Claimed.Database.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.Tokens;

/// <summary><c>/api/v1/tokens</c>: make, list and revoke tokens.</summary>
public static class TokenEndpoints
{
    private const int UsualDays = 90;
    private const int MostDays = 3660;
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
        tokens.MapRead("", ListAsync).NeedsSignIn().WithName("listTokens").WithSummary("List tokens, newest first")
            .WithDescription("The caller's own; with `namespace` those of the namespace, for owners; with `all=true` all, for administrators. Secrets are never shown.")
            .Returns<Page<TokenDocument>>(200, "A page of tokens.", $$"""{"items": [{{TokenDocument.Example}}]}""")
            .Refuses(400, "bad-query").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found");
        tokens.MapDelete("{id:long}", DeleteAsync).NeedsSignIn().WithName("revokeToken").WithSummary("Revoke a token")
            .WithDescription("At once on this node and within a second on all others. For its person, itself, the owners of its namespace and administrators.")
            .Returns(204, "It is over.").Refuses(401, "unauthorized").Refuses(404, "token-not-found");
    }

    private static async Task<IResult> PostAsync(string? format, HttpContext context, RegistryDatabase database, Rights rights, RegistryUrls urls)
    {
        if (format is not (null or "dockerconfigjson"))
            throw PageQuery.BadQuery("format can be dockerconfigjson.");
        var caller = Caller.Of(context);
        var wanted = Read(await JsonBody.ReadAsync(context.Request, Names), caller);
        if (RefusalOf(context, caller, wanted, rights) is { } refused)
            return refused.ToResult();
        var secret = TokenText.New();
        var row = await database.ChangeAsync(async change =>
        {
            var row = new AccessToken
            {
                Name = wanted.Name,
                Hash = TokenText.HashOf(secret),
                Scopes = string.Join(' ', ScopeWords.Of(wanted.Scopes)),
                Pattern = wanted.Pattern.ToString(),
                UserId = await PersonAsync(change, wanted, caller),
                CreatedBy = caller.Name,
                CreatedAt = change.Now,
                ExpiresAt = wanted.Days == 0 ? null : change.Now + (long)TimeSpan.FromDays(wanted.Days).TotalMilliseconds,
            };
            change.Db.Tokens.Add(row);
            // The event names its number.
            await change.Db.SaveChangesAsync(change.Cancellation);
            change.Tell(KnownTokens.TokenEvent + "-created", $"token {row.Id}", new { id = row.Id, name = row.Name, scopes = row.Scopes, pattern = row.Pattern }, wanted.Pattern.Namespace);
            return row;
        }, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return format is null
            ? Results.Created($"{urls.Base}/api/v1/tokens/{row.Id}", TokenDocument.From(row, row.UserId is null ? null : wanted.User ?? caller.UserName, secret))
            : Results.Created($"{urls.Base}/api/v1/tokens/{row.Id}", PullSecretDocument.For(row.Name, urls.ImageHost, secret));
    }

    private static async Task<long?> PersonAsync(Change change, Wanted wanted, Caller caller)
    {
        if (wanted.IsForNamespace || (wanted.User ?? caller.UserName) is not { } name)
            return null;
        return await change.Db.Users.Where(user => user.Name == name && user.DisabledAt == null).Select(user => (long?)user.Id).SingleOrDefaultAsync(change.Cancellation)
            ?? throw JsonBody.Bad("user", $"is nobody who can sign in: {name}.");
    }

    /// <param name="User">Another person than the caller.</param>
    /// <param name="IsForNamespace">It belongs to the namespace, or (made with an instance's token) to the instance, and to no person.</param>
    private sealed record Wanted(string Name, Scopes Scopes, SubjectPattern Pattern, int Days, string? User, bool IsForNamespace);

    private static Wanted Read(JsonBody asked, Caller caller)
    {
        var name = asked.Text("name") ?? throw JsonBody.Bad("name", "is missing: say what the token is for.");
        if (!ScopeWords.TryRead(asked.Words("scopes"), out var scopes, out var unknown))
            throw JsonBody.Bad("scopes", $"has \"{unknown}\"; scopes are {string.Join(", ", ScopeWords.Known)}.");
        if (scopes == Scopes.None)
            throw JsonBody.Bad("scopes", $"is missing: name some of {string.Join(", ", ScopeWords.Known)}.");
        var pattern = caller.Pattern;
        if (asked.Text("pattern") is { } text && !SubjectPattern.TryParse(text, out pattern))
            throw JsonBody.Bad("pattern", $"is none: {SubjectPattern.Rule}.");
        var days = asked.Number("days") ?? UsualDays;
        if (days is < 0 or > MostDays)
            throw JsonBody.Bad("days", $"is 0 for never, or at most {MostDays}.");
        var isForNamespace = asked.Flag("forNamespace");
        if (isForNamespace && (pattern!.Namespace is null || scopes.HasFlag(Scopes.Admin)))
            throw JsonBody.Bad("forNamespace", "takes a pattern within one namespace, and not the scope admin.");
        return new Wanted(name, scopes, pattern!, days, asked.Text("user"), isForNamespace);
    }

    /// <summary>A token never gives its maker more than the maker has.</summary>
    private static Refusal? RefusalOf(HttpContext context, Caller caller, Wanted wanted, Rights rights)
    {
        // Who came with a token needs the scope for it; a person in a session has all.
        if (caller.Scopes == Scopes.None || (caller.TokenId is not null && !caller.Scopes.HasFlag(Scopes.Manage)))
            return new Refusal(403, "forbidden", "This token may not do that.", "A token makes tokens only with the scope manage.");
        if ((wanted.Scopes & ~caller.Scopes) != 0 || !wanted.Pattern.IsWithin(caller.Pattern))
            return new Refusal(403, "forbidden", "This token may not do that.",
                $"A token has at most the scopes of the one that makes it ({string.Join(", ", ScopeWords.Of(caller.Scopes))}) and holds within its pattern ({caller.Pattern}).");
        if (wanted.User is not null && wanted.User != caller.UserName && !rights.MayAdminister(caller))
            return AccessRefusals.NotAllowed(caller, Deed.Administer, null);
        if (wanted.Scopes.HasFlag(Scopes.Admin) && !rights.MayAdminister(caller))
            return AccessRefusals.NotAllowed(caller, Deed.Administer, null);
        if (caller.UserName is null && wanted.Pattern.Namespace is null && !rights.MayAdminister(caller))
            return AccessRefusals.NotAllowed(caller, Deed.Administer, null);
        return wanted.IsForNamespace || (caller.UserName is null && wanted.User is null && wanted.Pattern.Namespace is not null)
            ? EndpointPolicies.Demand(context, Deed.Manage, wanted.Pattern.Namespace, null)
            : null;
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
            .AsAsyncEnumerable().Where(row => IsWithin(row.Row, caller)).Take(page.Limit + 1).ToListAsync(cancellation).AsTask(), cancellation);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(page.Of(rows, row => row.Row.Id.ToString(CultureInfo.InvariantCulture), row => TokenDocument.From(row.Row, row.User)));
    }

    private static async Task<IResult> DeleteAsync(long id, HttpContext context, RegistryDatabase database, Rights rights)
    {
        var caller = Caller.Of(context);
        return await database.ChangeAsync(async change =>
        {
            var found = await change.Db.Tokens.Where(row => row.Id == id)
                .Select(row => new { Row = row, User = change.Db.Users.Where(user => user.Id == row.UserId).Select(user => user.Name).FirstOrDefault() })
                .SingleOrDefaultAsync(change.Cancellation);
            if (found is null || found.Row.RevokedAt is not null || !MayRevoke(caller, found.Row, found.User, rights))
                return new Refusal(404, "token-not-found", "There is no such token.", $"No token that you may revoke has the id {id}; GET /api/v1/tokens lists them.").ToResult();
            found.Row.RevokedAt = change.Now;
            change.Tell(KnownTokens.TokenEvent + "-revoked", $"token {id}", new { id, name = found.Row.Name }, NamespaceOf(found.Row));
            return Results.NoContent();
        }, context.RequestAborted);
    }

    /// <summary>A narrow token neither shows nor ends wider ones.</summary>
    private static bool IsWithin(AccessToken token, Caller caller) => SubjectPattern.TryParse(token.Pattern, out var pattern) && pattern.IsWithin(caller.Pattern);

    private static bool MayRevoke(Caller caller, AccessToken token, string? user, Rights rights) =>
        token.Id == caller.TokenId || rights.MayAdminister(caller)
        || (user is not null && IsWithin(token, caller) && user == caller.UserName && (caller.TokenId is null || caller.Scopes.HasFlag(Scopes.Manage)))
        || (user is null && NamespaceOf(token) is { } space && rights.May(caller, Deed.Manage, space, null));

    internal static string? NamespaceOf(AccessToken token) => SubjectPattern.TryParse(token.Pattern, out var pattern) ? pattern.Namespace : null;
}
