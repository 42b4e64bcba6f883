using Claimed.Database.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.Tokens;

/// <summary>A token that was just made.</summary>
/// <param name="User">The person it acts for.</param>
/// <param name="Secret">The token itself; shown once and kept nowhere.</param>
public sealed record MadeToken(AccessToken Row, string? User, string Secret);

/// <summary>Makes and revokes tokens, for whoever asks through the API or on the account page; a token never gives its maker more than the maker has.</summary>
public sealed class TokenMaking(RegistryDatabase database, Rights rights)
{
    /// <summary>Days until a token ends when nothing else is wished.</summary>
    public const int UsualDays = 90;

    public const int MostDays = 3660;

    /// <exception cref="RefusedException">The wish makes no sense, or is more than the caller has.</exception>
    public async Task<MadeToken> MakeAsync(HttpContext context, NewTokenDocument wish)
    {
        var caller = Caller.Of(context);
        var wanted = Read(wish, caller);
        if (RefusalOf(context, caller, wanted) is { } refused)
            throw new RefusedException(refused);
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
                ParentId = caller.TokenId,
                CreatedBy = caller.Name,
                CreatedAt = change.Now,
                ExpiresAt = Earlier(wanted.Days == 0 ? null : change.Now + (long)TimeSpan.FromDays(wanted.Days).TotalMilliseconds, await EndOfAsync(change, caller)),
            };
            change.Db.Tokens.Add(row);
            // The event names its number.
            await change.Db.SaveChangesAsync(change.Cancellation);
            change.Tell(KnownTokens.TokenEvent + "-created", $"token {row.Id}", new { id = row.Id, name = row.Name, scopes = row.Scopes, pattern = row.Pattern }, AuditOf(caller, wanted.Pattern.Namespace));
            return row;
        }, context.RequestAborted);
        return new MadeToken(row, row.UserId is null ? null : wanted.User ?? caller.UserName, secret);
    }

    /// <summary>Ends a token at once, for its person, itself, the owners of its namespace and administrators.</summary>
    /// <exception cref="RefusedException">There is none that the caller may revoke.</exception>
    public Task RevokeAsync(HttpContext context, long id)
    {
        var caller = Caller.Of(context);
        return database.ChangeAsync(async change =>
        {
            var found = await change.Db.Tokens.Where(row => row.Id == id)
                .Select(row => new { Row = row, User = change.Db.Users.Where(user => user.Id == row.UserId).Select(user => user.Name).FirstOrDefault() })
                .SingleOrDefaultAsync(change.Cancellation);
            if (found is null || found.Row.RevokedAt is not null || !MayRevoke(caller, found.Row, found.User))
                throw new RefusedException(new Refusal(404, "token-not-found", "There is no such token.", $"No token that you may revoke has the id {id}; GET /api/v1/tokens lists them."));
            await TokenEnding.RevokeAsync(change, [found.Row], TokenEnding.Revoked, spaceOf: row => AuditOf(caller, NamespaceOf(row)));
        }, context.RequestAborted);
    }

    /// <summary>When the caller's token ends; the row is ours to the end of the transaction, so that who revokes it meanwhile finds what it made.</summary>
    private static async Task<long?> EndOfAsync(Change change, Caller caller)
    {
        if (caller.TokenId is not { } id)
            return null;
        if (await change.Db.Database.ExecuteSqlAsync($"""UPDATE tokens SET "Name" = "Name" WHERE "Id" = {id} AND "RevokedAt" IS NULL""", change.Cancellation) == 0)
            throw new RefusedException(AccessRefusals.Unknown);
        return await change.Db.Tokens.Where(row => row.Id == id).Select(row => row.ExpiresAt).SingleAsync(change.Cancellation);
    }

    private static long? Earlier(long? one, long? other) => one is null || other < one ? other : one;

    /// <summary>A narrow token neither shows nor ends wider ones.</summary>
    internal static bool IsWithin(AccessToken token, Caller caller) => SubjectPattern.TryParse(token.Pattern, out var pattern) && pattern.IsWithin(caller.Pattern);

    internal static string? NamespaceOf(AccessToken token) => SubjectPattern.TryParse(token.Pattern, out var pattern) ? pattern.Namespace : null;

    /// <summary>A pattern is anyone's to write: only who has a role in its namespace leaves a line in the audit that its owners read.</summary>
    private string? AuditOf(Caller caller, string? space) => space is not null && rights.HasRole(caller, space) ? space : null;

    private bool MayRevoke(Caller caller, AccessToken token, string? user) =>
        token.Id == caller.TokenId || rights.MayAdminister(caller)
        || (user is not null && IsWithin(token, caller) && user == caller.UserName && (caller.TokenId is null || caller.Scopes.HasFlag(Scopes.Manage)))
        || (user is null && NamespaceOf(token) is { } space && rights.May(caller, Deed.Manage, space, null));

    private static async Task<long?> PersonAsync(Change change, Wanted wanted, Caller caller)
    {
        if (wanted.IsForNamespace || (wanted.User ?? caller.UserName) is not { } name)
            return null;
        // Held to the end of the transaction: who disables the person meanwhile finds the token.
        await change.Db.Database.ExecuteSqlAsync($"""UPDATE users SET "Name" = "Name" WHERE "Name" = {name}""", change.Cancellation);
        return await change.Db.Users.Where(user => user.Name == name && user.DisabledAt == null).Select(user => (long?)user.Id).SingleOrDefaultAsync(change.Cancellation)
            ?? throw JsonBody.Bad("user", $"is nobody who can sign in: {name}.");
    }

    /// <param name="User">Another person than the caller.</param>
    /// <param name="IsForNamespace">It belongs to the namespace, or (made with an instance's token) to the instance, and to no person.</param>
    private sealed record Wanted(string Name, Scopes Scopes, SubjectPattern Pattern, int Days, string? User, bool IsForNamespace);

    private static Wanted Read(NewTokenDocument wish, Caller caller)
    {
        var name = wish.Name is { Length: > 0 } given ? given : throw JsonBody.Bad("name", "is missing: say what the token is for.");
        if (!ScopeWords.TryRead(wish.Scopes, out var scopes, out var unknown))
            throw JsonBody.Bad("scopes", $"has \"{unknown}\"; scopes are {string.Join(", ", ScopeWords.Known)}.");
        if (scopes == Scopes.None)
            throw JsonBody.Bad("scopes", $"is missing: name some of {string.Join(", ", ScopeWords.Known)}.");
        var pattern = caller.Pattern;
        if (wish.Pattern is { } text && !SubjectPattern.TryParse(text, out pattern))
            throw JsonBody.Bad("pattern", $"is none: {SubjectPattern.Rule}.");
        var days = wish.Days ?? UsualDays;
        if (days is < 0 or > MostDays)
            throw JsonBody.Bad("days", $"is 0 for never, or at most {MostDays}.");
        var isForNamespace = wish.ForNamespace == true;
        if (isForNamespace && (pattern!.Namespace is null || scopes.HasFlag(Scopes.Admin)))
            throw JsonBody.Bad("forNamespace", "takes a pattern within one namespace, and not the scope admin.");
        return new Wanted(name, scopes, pattern!, days, wish.User, isForNamespace);
    }

    /// <summary>A token never gives its maker more than the maker has.</summary>
    private Refusal? RefusalOf(HttpContext context, Caller caller, Wanted wanted)
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
}
