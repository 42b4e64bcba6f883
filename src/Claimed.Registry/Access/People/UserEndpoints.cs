using System.Text.RegularExpressions;
using Claimed.Database.Access;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.People;

/// <summary><c>/api/v1/users</c>: local people, and who one is.</summary>
public static partial class UserEndpoints
{
    private const int LeastPassword = 12;
    private const string Example = """{"name": "ada", "displayName": "Ada Lovelace", "administrator": false, "disabled": false, "local": true, "groups": []}""";
    private static readonly string[] Names = ["displayName", "password", "administrator", "disabled"];

    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/v1").WithTags("Access");
        users.MapMethods("me", Reading.Methods, Me).BySight().WithName("whoAmI").WithSummary("Who the caller is, and what the caller's token may do")
            .Returns<MeDocument>(200, "The caller.", """{"name": "ada", "user": "ada", "administrator": false, "scopes": ["publish", "pull"], "pattern": "acme/*", "roles": {"acme": "publisher"}}""")
            .Refuses(401, "unauthorized");
        users.MapMethods("users", Reading.Methods, ListAsync).NeedsByHandler(Deed.Administer).WithName("listUsers").WithSummary("List people, by name")
            .Returns<Page<UserDocument>>(200, "A page of people.", $$"""{"items": [{{Example}}]}""").Refuses(400, "bad-query").Refuses(401, "unauthorized").Refuses(403, "forbidden");
        users.MapPut("users/{user}", PutAsync).NeedsByHandler(Deed.Administer).WithName("setUser").WithSummary("Make or change a person")
            .WithDescription("What is absent stays. `password` is for a person who signs in here and not at an identity provider. A changed password or `disabled` ends sign-ins at once; `disabled` revokes the person's tokens, too, and who is enabled again makes new ones.")
            .WithMetadata(new JsonRequest(typeof(UserChangeDocument), """{"displayName": "Ada Lovelace", "password": "correct horse battery"}"""))
            .Returns<UserDocument>(201, "The person is new.", Example).Returns<UserDocument>(200, "The person as it now is.", Example)
            .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(415, "not-json").Refuses(422, "bad-field");
    }

    private static IResult Me(HttpContext context, Rights rights)
    {
        var credentials = Credentials.Of(context);
        if (credentials.Failure is not null)
            return AccessRefusals.Unknown.ToResult();
        var caller = credentials.Caller;
        var roles = CatalogView.Of(context).Namespaces.Select(space => (space.Name, Role: caller.IsSignedIn ? rights.RoleIn(caller, space) : MemberRole.None))
            .Where(space => space.Role != MemberRole.None).ToDictionary(space => space.Name, space => RoleWords.Of(space.Role), StringComparer.Ordinal);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(new MeDocument(caller.Name, caller.UserName, caller.IsSignedIn && rights.IsAdministrator(caller), ScopeWords.Of(caller.Scopes), caller.Pattern.ToString(), roles));
    }

    private static async Task<IResult> ListAsync(string? cursor, int? limit, HttpContext context, RegistryDatabase database, CancellationToken cancellation)
    {
        if (EndpointPolicies.Demand(context, Deed.Administer, null, null) is { } refused)
            return refused.ToResult();
        var page = PageQuery.Read("users", cursor, limit);
        var rows = await database.ReadAsync(db => db.Users.Where(row => page.After == null || string.Compare(row.Name, page.After) > 0)
            .OrderBy(row => row.Name).Take(page.Limit + 1).ToListAsync(cancellation), cancellation);
        return Results.Json(page.Of(rows, row => row.Name, UserDocument.From));
    }

    private static async Task<IResult> PutAsync(string user, HttpContext context, RegistryDatabase database, IPasswordHasher<User> hasher, RegistryUrls urls)
    {
        if (EndpointPolicies.Demand(context, Deed.Administer, null, null) is { } refused)
            return refused.ToResult();
        if (!UserName.IsMatch(user))
            throw JsonBody.Bad("user", "is a name of 1 to 64 lower-case letters, digits, dots, hyphens and underscores, and may be an address.");
        var asked = await JsonBody.ReadAsync(context.Request, Names);
        var password = asked.Secret("password");
        if (password is { Length: < LeastPassword })
            throw JsonBody.Bad("password", $"has fewer than {LeastPassword} characters.");
        var (row, isNew) = await database.ChangeAsync(async change =>
        {
            var row = await change.Db.Users.SingleOrDefaultAsync(row => row.Name == user, change.Cancellation);
            var isNew = row is null;
            if (row is null && ReservedNames.Has(user))
                throw JsonBody.Bad("user", "is what the audit calls others than people, or reads like it; take another name.");
            if (row is null)
                change.Db.Users.Add(row = new User { Name = user, DisplayName = user, CreatedAt = change.Now });
            if (password is not null && row.Issuer is not null)
                throw JsonBody.Bad("password", $"is not for {user}, who signs in at {row.Issuer}.");
            if (asked.Has("displayName"))
                row.DisplayName = asked.Text("displayName") ?? user;
            if (asked.Has("administrator"))
                row.IsAdministrator = asked.Flag("administrator");
            var isDisabled = asked.Has("disabled") ? asked.Flag("disabled") : row.DisabledAt is not null;
            if (isDisabled != row.DisabledAt is not null)
                (row.DisabledAt, row.Stamp) = (isDisabled ? change.Now : null, row.Stamp + 1);
            if (password is not null)
                (row.PasswordHash, row.Stamp) = (hasher.HashPassword(row, password), row.Stamp + 1);
            // The event names its number.
            await change.Db.SaveChangesAsync(change.Cancellation);
            // Who is enabled again begins anew: what was left on machines meanwhile opens nothing.
            if (isDisabled)
                await TokenEnding.RevokeOfAsync(change, row);
            change.Tell(KnownTokens.UserEvent + (isNew ? "-created" : "-changed"), $"user {row.Id}",
                new { id = row.Id, name = row.Name, administrator = row.IsAdministrator, disabled = row.DisabledAt is not null, password = password is not null });
            return (row, isNew);
        }, context.RequestAborted);
        return isNew ? Results.Created($"{urls.Base}/api/v1/users/{user}", UserDocument.From(row)) : Results.Json(UserDocument.From(row));
    }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9._@+-]{0,62}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    internal static partial Regex UserName { get; }
}

/// <summary>A person.</summary>
/// <param name="Local">Signs in here with a password, and not at an identity provider.</param>
/// <param name="Groups">At the last sign-in at the identity provider.</param>
public sealed record UserDocument(string Name, string DisplayName, bool Administrator, bool Disabled, bool Local, IReadOnlyList<string> Groups)
{
    public static UserDocument From(User row) => new(row.Name, row.DisplayName, row.IsAdministrator, row.DisabledAt is not null, row.Issuer is null, Json.Read<string[]>(row.Groups));
}

/// <summary>What shall be of a person; what is absent stays.</summary>
/// <param name="Password">At least 12 characters; never shown again.</param>
public sealed record UserChangeDocument(string? DisplayName, string? Password, bool? Administrator, bool? Disabled);

/// <summary>Who the caller is.</summary>
/// <param name="User">The person, when the caller is one.</param>
/// <param name="Roles">Namespace → role, before scopes and pattern of the token.</param>
public sealed record MeDocument(
    string Name, string? User, bool Administrator, IReadOnlyList<string> Scopes, string Pattern, IReadOnlyDictionary<string, string> Roles);
