using Claimed.Database.Access;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.Trust;

/// <summary><c>/api/v1/namespaces/{namespace}/trust</c>: which CI jobs may publish without a stored secret.</summary>
public static class TrustRuleEndpoints
{
    private const int MostRules = 200;
    private const int MostClaims = 20;
    private static readonly string[] Names = ["pattern", "issuer", "claims"];

    public static void MapTrustRules(this IEndpointRouteBuilder routes)
    {
        var rules = routes.MapGroup("/api/v1/namespaces/{namespace}/trust").WithTags("Access");
        rules.MapPost("", PostAsync).Needs(Deed.Manage).WithName("addTrustRule").WithSummary("Let the jobs of a CI system publish")
            .WithDescription("`pattern` is a component, a prefix or all of the namespace; the components need not exist. `claims` are values that the job's token must have exactly, "
                + "one of them an id that never goes over to someone else: `repository_id` or `repository_owner_id` (GitHub), `project_id` or `namespace_id` (GitLab), "
                + "`kubernetes.io.serviceaccount.uid` or `sub` (Kubernetes), `sub` (others). A nested claim is named by its path or its JSON pointer. The same rule again is the same rule.")
            .WithMetadata(new JsonRequest(typeof(NewTrustRuleDocument), """{"pattern": "acme/filter-*", "issuer": "github", "claims": {"repository_id": "1296269", "ref": "refs/heads/main"}}"""))
            .Returns<TrustRuleDocument>(201, "The rule.", TrustRuleDocument.Example).Returns<TrustRuleDocument>(200, "It was there already.", TrustRuleDocument.Example)
            .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found").Refuses(409, "too-many-rules")
            .Refuses(415, "not-json").Refuses(422, "bad-field");
        rules.MapMethods("", Reading.Methods, ListAsync).Needs(Deed.Manage).WithName("listTrustRules").WithSummary("List the trust rules of a namespace")
            .Returns<Page<TrustRuleDocument>>(200, "All of them.", $$"""{"items": [{{TrustRuleDocument.Example}}]}""")
            .Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found");
        rules.MapDelete("{id:long}", DeleteAsync).Needs(Deed.Manage).WithName("removeTrustRule").WithSummary("End a trust rule, and at once the tokens that came of it")
            .Returns(204, "It is over.").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found", "trust-rule-not-found");
    }

    private static async Task<IResult> PostAsync(string @namespace, HttpContext context, RegistryDatabase database, TrustedIssuers issuers, RegistryUrls urls)
    {
        var asked = await JsonBody.ReadAsync(context.Request, Names);
        var issuer = Issuer(asked.Text("issuer"), issuers);
        var pattern = Pattern(asked.Text("pattern"), @namespace);
        var claims = Json.Write(Claims(asked.Texts("claims"), issuer));
        var (rule, isNew) = await database.ChangeAsync(async change =>
        {
            await DemandNamespaceAsync(change, @namespace);
            var known = await change.Db.TrustRules.Where(row => row.Namespace == @namespace && row.RevokedAt == null).ToListAsync(change.Cancellation);
            if (known.Find(row => row.Pattern == pattern && row.Issuer == issuer.Name && row.Claims == claims) is { } same)
                return (same, false);
            if (known.Count >= MostRules)
                throw new RefusedException(new Refusal(409, "too-many-rules", "The namespace has too many trust rules.", $"{MostRules} are the most; end one that is not needed."));
            var row = new TrustRule { Pattern = pattern, Namespace = @namespace, Issuer = issuer.Name, Claims = claims, CreatedBy = Caller.Of(context).Name, CreatedAt = change.Now };
            change.Db.TrustRules.Add(row);
            // The event names its number.
            await change.Db.SaveChangesAsync(change.Cancellation);
            change.Tell("namespace.trust-added", @namespace, new { rule = row.Id, pattern, issuer = issuer.Name });
            return (row, true);
        }, context.RequestAborted);
        var document = TrustRuleDocument.From(rule, issuers);
        return isNew ? Results.Created($"{urls.Namespace(@namespace)}/trust/{rule.Id}", document) : Results.Json(document);
    }

    private static async Task<IResult> ListAsync(string @namespace, RegistryDatabase database, TrustedIssuers issuers, CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(db => db.TrustRules.Where(row => row.Namespace == @namespace && row.RevokedAt == null)
            .OrderBy(row => row.Id).ToListAsync(cancellation), cancellation);
        return Results.Json(new Page<TrustRuleDocument>(rows.ConvertAll(row => TrustRuleDocument.From(row, issuers)), null));
    }

    private static async Task<IResult> DeleteAsync(string @namespace, long id, HttpContext context, RegistryDatabase database)
    {
        await database.ChangeAsync(async change =>
        {
            // The rule first: an exchange under way either ends before, and its token is among those below, or finds the rule ended.
            if (await change.Db.TrustRules.Where(row => row.Id == id && row.Namespace == @namespace && row.RevokedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.RevokedAt, change.Now), change.Cancellation) == 0)
                throw new RefusedException(new Refusal(404, "trust-rule-not-found", "There is no such trust rule.", $"{@namespace} has no trust rule {id}; GET {context.Request.Path.Value![..context.Request.Path.Value!.LastIndexOf('/')]} lists them."));
            foreach (var token in await change.Db.Tokens.Where(row => row.TrustRuleId == id && row.RevokedAt == null).ToListAsync(change.Cancellation))
            {
                token.RevokedAt = change.Now;
                change.Tell(KnownTokens.TokenEvent + "-revoked", $"token {token.Id}", new { id = token.Id, name = token.Name, reason = "trust rule ended" }, @namespace);
            }
            change.Tell("namespace.trust-removed", @namespace, new { rule = id });
        }, context.RequestAborted);
        return Results.NoContent();
    }

    // Its row is ours, so that no one deletes the namespace, or adds the rule that is one too many, meanwhile.
    private static async Task DemandNamespaceAsync(Change change, string space)
    {
        if (await change.Db.Database.ExecuteSqlAsync($"""UPDATE namespaces SET "Name" = "Name" WHERE "Name" = {space}""", change.Cancellation) == 0)
            throw new RefusedException(Missing.Namespace(space));
    }

    private static TrustedIssuer Issuer(string? name, TrustedIssuers issuers) => name is not null && issuers.Find(name) is { } issuer
        ? issuer
        : throw JsonBody.Bad("issuer", $"is none of the settings: {(issuers.All.Any() ? string.Join(", ", issuers.All.Select(known => known.Name)) : "there are none; an administrator adds Access__Issuers__NAME__Url")}.");

    private static string Pattern(string? text, string space) => text is not null && SubjectPattern.TryParse(text, out var pattern) && pattern.Namespace == space
        ? pattern.ToString()
        : throw JsonBody.Bad("pattern", $"is {space}/*, {space}/name or {space}/prefix*.");

    private static SortedDictionary<string, string> Claims(IReadOnlyDictionary<string, string> asked, TrustedIssuer issuer)
    {
        if (asked.Count > MostClaims)
            throw JsonBody.Bad("claims", $"names {asked.Count} claims; {MostClaims} are the most.");
        if (asked.FirstOrDefault(claim => claim.Value.Length == 0) is { Key: { } empty })
            throw JsonBody.Bad("claims", $"has no value for {empty}.");
        if (asked.FirstOrDefault(claim => claim.Value.Contains('*')) is { Key: { } wild })
            throw JsonBody.Bad("claims", $"has a * in {wild}; values are compared exactly.");
        return asked.Keys.Any(name => issuer.Preset.Immutable.Contains(TokenClaims.PlainName(name)))
            ? new SortedDictionary<string, string>(asked.ToDictionary(), StringComparer.Ordinal)
            : throw JsonBody.Bad("claims", $"names no id that never goes over to someone else; for {issuer.Name} that is {string.Join(" or ", issuer.Preset.Immutable)}.");
    }
}

/// <summary>Lets jobs that an issuer vouches for publish.</summary>
/// <param name="Pattern">What they may publish.</param>
/// <param name="Issuer">Name of the issuer in the settings.</param>
/// <param name="Claims">Claim → the exact value that the job's token must have.</param>
/// <param name="Url">The issuer's <c>iss</c>; absent when it is no longer in the settings.</param>
/// <param name="Audience">The <c>aud</c> that the job must ask for.</param>
public sealed record TrustRuleDocument(
    long Id, string Pattern, string Issuer, IReadOnlyDictionary<string, string> Claims, string? Url, string? Audience, string CreatedBy, DateTimeOffset CreatedAt)
{
    internal const string Example = """
        {"id": 3, "pattern": "acme/filter-*", "issuer": "github", "claims": {"ref": "refs/heads/main", "repository_id": "1296269"}, "url": "https://token.actions.githubusercontent.com", "audience": "https://registry.example.org", "createdBy": "ada", "createdAt": "2026-01-01T12:00:00+00:00"}
        """;

    public static TrustRuleDocument From(TrustRule row, TrustedIssuers issuers)
    {
        var issuer = issuers.Find(row.Issuer);
        return new TrustRuleDocument(row.Id, row.Pattern, row.Issuer, Json.Read<Dictionary<string, string>>(row.Claims), issuer?.Url, issuer?.Audience, row.CreatedBy,
            DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt));
    }
}

/// <summary>The rule to make.</summary>
/// <param name="Pattern"><c>acme/filter-csv</c>, <c>acme/filter-*</c> or <c>acme/*</c>; the components need not exist.</param>
/// <param name="Issuer">Name of an issuer in the settings.</param>
/// <param name="Claims">Claim → the exact value.</param>
public sealed record NewTrustRuleDocument(string Pattern, string Issuer, IReadOnlyDictionary<string, string> Claims);
