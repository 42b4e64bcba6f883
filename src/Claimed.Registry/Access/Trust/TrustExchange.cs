using System.Globalization;
using Claimed.Components;
using Claimed.Database.Access;
using Claimed.Registry.Access.Tokens;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Claimed.Registry.Storage.Snapshot;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Access.Trust;

/// <summary>Gives a CI job, for its own token and once, a token of exactly the rule that lets it in.</summary>
public sealed class TrustExchange(TrustedIssuers issuers, RegistryDatabase database, SnapshotFeed feed)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private const int MostTold = 5;

    /// <param name="name">The component; null lets any rule of the namespace do.</param>
    /// <returns>The row of the token, and its secret.</returns>
    /// <exception cref="RefusedException">The token is not taken, was used, or no rule lets its job in.</exception>
    public async Task<(AccessToken Row, string Secret)> RunAsync(string assertionText, string space, string? name, HttpContext context)
    {
        var assertion = await issuers.CheckAsync(assertionText, context.RequestAborted);
        // From here on it is a job that an issuer vouches for: owners may see in their audit that it was refused.
        context.Request.RouteValues["namespace"] = space;
        var who = TrustedJob.NameOf(assertion);
        Actor.Current = Actor.Current with { Name = who };
        var secret = TokenText.New();
        var row = await database.ChangeAsync(async change =>
        {
            var rule = await ChooseAsync(change, assertion, space, name);
            await UseUpAsync(change, assertion);
            var row = new AccessToken
            {
                Name = who,
                Hash = TokenText.HashOf(secret),
                Scopes = string.Join(' ', ScopeWords.Of(Scopes.Publish | Scopes.Pull)),
                Pattern = rule.Pattern,
                TrustRuleId = rule.Id,
                TrustClaims = Json.Write(TrustedJob.Of(assertion, rule)),
                CreatedBy = string.Create(CultureInfo.InvariantCulture, $"trust rule {rule.Id}"),
                CreatedAt = change.Now,
                ExpiresAt = change.Now + (long)Lifetime.TotalMilliseconds,
            };
            change.Db.Tokens.Add(row);
            // The event names its number.
            await change.Db.SaveChangesAsync(change.Cancellation);
            change.Tell(KnownTokens.TokenEvent + "-created", $"token {row.Id}", new { id = row.Id, name = row.Name, scopes = row.Scopes, pattern = row.Pattern, rule = rule.Id }, space);
            return row;
        }, context.RequestAborted);
        return (row, secret);
    }

    /// <summary>Namespace and component of <c>acme/filter-csv</c> or <c>acme</c>.</summary>
    public static (string Space, string? Name) Subject(string text)
    {
        var parts = text.EndsWith("/*", StringComparison.Ordinal) ? [text[..^2]] : text.Split('/');
        return parts switch
        {
            [var space] when ComponentName.IsNamespace(space) => (space, null),
            [var space, var name] when ComponentName.IsNamespace(space) && ComponentName.IsName(name) => (space, name),
            _ => throw JsonBody.Bad("component", "names no component, such as acme/filter-csv, and no namespace."),
        };
    }

    private async Task<TrustRule> ChooseAsync(Change change, Assertion assertion, string space, string? name)
    {
        var subject = name is null ? space : $"{space}/{name}";
        var rows = await change.Db.TrustRules.AsNoTracking().Where(row => row.Namespace == space && row.Issuer == assertion.Issuer.Name && row.RevokedAt == null).ToListAsync(change.Cancellation);
        var rules = TrustRuleChoice.About(rows, space, name).ToList();
        foreach (var rule in rules.Where(rule => TrustRuleChoice.Mismatches(rule, assertion.Claims).Count == 0))
        {
            // The row is ours to the end of the transaction: who ends the rule meanwhile finds the token.
            if (await change.Db.Database.ExecuteSqlAsync($"""UPDATE trust_rules SET "Pattern" = "Pattern" WHERE "Id" = {rule.Id} AND "RevokedAt" IS NULL""", change.Cancellation) == 1)
                return rule;
        }
        // What a private namespace trusts is told to the jobs that its rules are about.
        var isPublic = feed.Current.Namespaces.GetValueOrDefault(space) is { IsPrivate: false };
        var told = rules.Where(rule => isPublic || TrustRuleChoice.IsAbout(rule, assertion))
            .Select(rule => (rule.Id, Wrong: TrustRuleChoice.Mismatches(rule, assertion.Claims))).Where(rule => rule.Wrong.Count > 0).Take(MostTold)
            .Select(rule => $"rule {rule.Id} wants another value of {string.Join(" and ", rule.Wrong.Select(claim => ShownWith(claim, assertion.Claims)))}").ToList();
        throw new RefusedException(told.Count == 0 ? AssertionRefusals.NoRule(subject, assertion.Issuer.Name) : AssertionRefusals.NoMatch(subject, told));
    }

    private static string ShownWith(string claim, TokenClaims claims) => claims[claim] is { } value ? $"{claim}, which is \"{AssertionRefusals.Shown(value)}\"" : $"{claim}, which is absent";

    /// <summary>The database lets one of two through.</summary>
    private static async Task UseUpAsync(Change change, Assertion assertion)
    {
        if (await change.Db.Database.ExecuteSqlAsync(
            $"""INSERT INTO used_assertions ("Key", "ExpiresAt") VALUES ({assertion.Use}, {assertion.EndsAt}) ON CONFLICT ("Key") DO NOTHING""", change.Cancellation) == 0)
            throw new RefusedException(AssertionRefusals.Used);
    }
}
