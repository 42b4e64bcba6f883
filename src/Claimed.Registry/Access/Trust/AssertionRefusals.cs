using System.Globalization;
using Claimed.Registry.Http;

namespace Claimed.Registry.Access.Trust;

/// <summary>Why a job's token is not taken. None repeats the token.</summary>
internal static class AssertionRefusals
{
    private const string NotTaken = "The token of the job is not taken.";

    public static readonly Refusal Malformed = new(401, "assertion-malformed", NotTaken, "It is no signed JSON Web Token in its compact form, header.payload.signature.");

    public static readonly Refusal NoEnd = new(401, "assertion-expired", NotTaken, "It has no exp, so it would hold for ever. Ask the issuer for one that ends.");

    public static readonly Refusal Future = new(401, "assertion-not-yet-valid", NotTaken, "By its nbf or iat it holds only later. Check the clocks of the issuer and of the registry.");

    public static readonly Refusal Used = new(409, "assertion-used", "The token of the job was used already.",
        "It can be exchanged once. Ask the issuer for a new one in the same job, or go on with the token that the first exchange gave.");

    public static Refusal UnknownIssuer(string issuer) => new(401, "unknown-issuer", NotTaken,
        $"No issuer of the settings is called \"{Shown(issuer)}\". An administrator adds it as Access__Issuers__NAME__Url.");

    public static Refusal Algorithm(string algorithm, IEnumerable<string> known) => new(401, "assertion-signature", NotTaken,
        $"It is signed by \"{Shown(algorithm)}\"; taken are {string.Join(", ", known)}.");

    public static Refusal UnknownKey(string issuer) => new(401, "assertion-signature", NotTaken,
        $"{issuer} does not publish the key that it names. Right after the issuer changed its keys, try again in {(int)IssuerKeys.LeastPause.TotalSeconds} seconds.");

    public static Refusal Signature(string issuer) => new(401, "assertion-signature", NotTaken, $"Its signature is not by a key of {issuer}.");

    public static Refusal Audience(string audience) => new(401, "assertion-audience", NotTaken, $"It is meant for someone else. Have the job ask for the audience \"{audience}\".");

    public static Refusal Expired(DateTime end) => new(401, "assertion-expired", NotTaken,
        string.Create(CultureInfo.InvariantCulture, $"It ended at {end:yyyy-MM-ddTHH:mm:ssZ}. Ask for it right before the exchange."));

    public static Refusal NoRule(string subject, string issuer) => new(403, "not-trusted", "No trust rule lets this job in.",
        $"No trust rule of {subject} takes this token of {issuer}. An owner of the namespace sees the rules at GET /api/v1/namespaces/NAMESPACE/trust.");

    /// <param name="mismatches">One for each rule.</param>
    public static Refusal NoMatch(string subject, IEnumerable<string> mismatches) => new(403, "not-trusted", "No trust rule lets this job in.",
        $"No trust rule of {subject} takes this token: {string.Join("; ", mismatches)}. An owner of the namespace mends the rule.");

    /// <summary>What a sender wrote, short and without characters that nobody sees.</summary>
    public static string Shown(string text) => ShownText.Of(text, 200);
}
