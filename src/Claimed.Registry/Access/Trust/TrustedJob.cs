using Claimed.Database.Access;
using Claimed.Registry.Http;

namespace Claimed.Registry.Access.Trust;

/// <summary>What a token and a version keep of the job that an issuer vouched for; the column <c>TrustClaims</c>.</summary>
/// <param name="Issuer">Its name in the settings.</param>
/// <param name="Rule">Number of the trust rule.</param>
/// <param name="Repository">URL of the source repository, when the issuer says it.</param>
/// <param name="Revision">The commit, when the issuer says it.</param>
/// <param name="Claims">The claims of the rule, and what else tells the run apart.</param>
public sealed record TrustedJob(string Issuer, long Rule, string? Repository, string? Revision, IReadOnlyDictionary<string, string> Claims)
{
    private const int MaxName = 120;

    public static TrustedJob Of(Assertion assertion, TrustRule rule)
    {
        var preset = assertion.Issuer.Preset;
        var kept = Json.Read<Dictionary<string, string>>(rule.Claims).Keys.Select(TokenClaims.PlainName).Union(preset.Recorded)
            .Select(name => (Name: name, Value: assertion.Claims[name])).Where(claim => claim.Value is not null)
            .ToDictionary(claim => claim.Name, claim => AssertionRefusals.Shown(claim.Value!), StringComparer.Ordinal);
        var path = Value(assertion, preset.Repository);
        return new TrustedJob(assertion.Issuer.Name, rule.Id, path is null ? null : preset.RepositoryHost is { Length: > 0 } host ? $"{host}/{path}" : path, Value(assertion, preset.Revision), kept);
    }

    /// <summary>What the audit and the version call the job.</summary>
    public static string NameOf(Assertion assertion)
    {
        var who = Value(assertion, assertion.Issuer.Preset.Repository) ?? Value(assertion, "sub") ?? "job";
        return $"{assertion.Issuer.Name} {(who.Length <= MaxName ? who : who[..MaxName])}";
    }

    public static TrustedJob? Of(Caller caller) => caller.TrustClaims is { } json ? Json.Read<TrustedJob>(json) : null;

    private static string? Value(Assertion assertion, string? claim) => claim is not null && assertion.Claims[claim] is { Length: > 0 } value ? AssertionRefusals.Shown(value) : null;
}
