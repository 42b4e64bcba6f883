using Claimed.Database.Access;
using Claimed.Registry.Http;

namespace Claimed.Registry.Access.Trust;

/// <summary>Which rule of a namespace lets a job in.</summary>
internal static class TrustRuleChoice
{
    /// <summary>The rules that are about the subject, in the order in which they are asked: for a component the narrowest first, for a namespace the widest.</summary>
    public static IEnumerable<TrustRule> About(IEnumerable<TrustRule> rules, string space, string? name)
    {
        var about = rules.Where(rule => SubjectPattern.TryParse(rule.Pattern, out var pattern) && (name is null ? pattern.Touches(space) : pattern.Covers(space, name)));
        return name is null ? about.OrderBy(Narrowness).ThenBy(rule => rule.Id) : about.OrderByDescending(Narrowness).ThenBy(rule => rule.Id);
    }

    /// <summary>The claims that the job's token does not have as the rule wants them.</summary>
    public static IReadOnlyList<string> Mismatches(TrustRule rule, TokenClaims claims) =>
        [.. Wanted(rule).Where(wanted => claims[wanted.Key] != wanted.Value).Select(wanted => wanted.Key)];

    /// <summary>Whether the job is of those whom the rule is about, whatever else it wants: to them it says why it does not hold.</summary>
    public static bool IsAbout(TrustRule rule, Assertion assertion) =>
        Wanted(rule).Where(wanted => assertion.Issuer.Preset.Immutable.Contains(TokenClaims.PlainName(wanted.Key)))
            .All(wanted => assertion.Claims[wanted.Key] == wanted.Value);

    private static Dictionary<string, string> Wanted(TrustRule rule) => Json.Read<Dictionary<string, string>>(rule.Claims);

    // A component is narrower than each prefix of its name.
    private static int Narrowness(TrustRule rule) => rule.Pattern.EndsWith('*') ? rule.Pattern.Length : int.MaxValue;
}
