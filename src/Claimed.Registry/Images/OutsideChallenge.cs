using System.Text.RegularExpressions;

namespace Claimed.Registry.Images;

/// <summary>How another registry wants to be asked: the first challenge of an answer that this program can meet.</summary>
/// <param name="Realm">Where a pass is to be had; null for a challenge that wants name and password.</param>
/// <param name="Service">What the realm calls the registry.</param>
internal sealed partial record OutsideChallenge(Uri? Realm, string Service)
{
    /// <summary>Null when there is none that can be met. Passes come first: they give less away.</summary>
    public static OutsideChallenge? Of(HttpResponseMessage answer)
    {
        var challenges = answer.Headers.WwwAuthenticate;
        foreach (var bearer in challenges.Where(challenge => challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)))
        {
            var parameters = Parameters.Matches(bearer.Parameter ?? "").ToLookup(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.OrdinalIgnoreCase);
            if (Uri.TryCreate(parameters["realm"].FirstOrDefault(), UriKind.Absolute, out var realm))
                return new OutsideChallenge(realm, parameters["service"].FirstOrDefault() ?? "");
        }
        return challenges.Any(challenge => challenge.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) ? new OutsideChallenge(null, "") : null;
    }

    /// <summary>Where to ask for a pass to pull from a repository.</summary>
    public Uri PassUrl(string repository)
    {
        var scope = Uri.EscapeDataString($"repository:{repository}:pull");
        return new UriBuilder(Realm!) { Query = $"{Realm!.Query.TrimStart('?')}&service={Uri.EscapeDataString(Service)}&scope={scope}".TrimStart('&') }.Uri;
    }

    [GeneratedRegex("""([A-Za-z]+)="([^"]*)" """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Parameters { get; }
}
