using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Claimed.Registry.Access.Trust;

/// <summary>A job's token that was checked: signature, issuer, audience and time.</summary>
/// <param name="Use">Names this token and no other, for the table of used ones.</param>
/// <param name="EndsAt">When its own time is over, Unix milliseconds, clocks that differ included.</param>
public sealed record Assertion(TrustedIssuer Issuer, TokenClaims Claims, string Use, long EndsAt);

/// <summary>An issuer of the settings.</summary>
public sealed record TrustedIssuer(string Name, string Url, string Audience, IssuerPreset Preset);

/// <summary>The issuers of the settings (<c>Access__Issuers</c>), and the check of their tokens.</summary>
public sealed class TrustedIssuers : IDisposable
{
    /// <summary>How far clocks may differ.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    private const int MaxKeyBytes = 1024 * 1024;

    // Asymmetric alone: with HMAC the issuer's public key would be the secret.
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];
    private static readonly JsonWebTokenHandler Handler = new();

    private readonly TimeProvider _clock;
    private readonly HttpClient _http;
    private readonly List<(TrustedIssuer Issuer, IssuerKeys Keys)> _issuers = [];

    public TrustedIssuers(IOptions<AccessOptions> options, RegistryUrls urls, TimeProvider clock, ILogger<TrustedIssuers> logger)
    {
        _clock = clock;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MaxKeyBytes };
        foreach (var (name, one) in options.Value.Issuers)
        {
            var preset = IssuerPreset.Of(one.Kind);
            preset = preset with
            {
                Repository = one.RepositoryClaim ?? preset.Repository,
                Revision = one.RevisionClaim ?? preset.Revision,
                // A claim of one's own choice holds a whole URL.
                RepositoryHost = (one.RepositoryHost ?? (one.RepositoryClaim is not null || preset.Repository is null ? "" : preset.RepositoryHost ?? new Uri(one.Url).GetLeftPart(UriPartial.Authority))).TrimEnd('/'),
            };
            _issuers.Add((new TrustedIssuer(name, one.Url.TrimEnd('/'), one.Audience ?? urls.Base, preset), new IssuerKeys(name, one, _http, clock, logger)));
        }
    }

    public IEnumerable<TrustedIssuer> All => _issuers.Select(known => known.Issuer);

    public TrustedIssuer? Find(string name) => All.FirstOrDefault(issuer => issuer.Name == name);

    /// <exception cref="RefusedException">It is no token of a configured issuer for this registry, or its time is not now.</exception>
    public async Task<Assertion> CheckAsync(string text, CancellationToken cancellation)
    {
        var (token, claims) = Read(text);
        var named = _issuers.Where(known => known.Issuer.Url == token.Issuer.TrimEnd('/')).ToList();
        if (named.Count == 0)
            throw new RefusedException(AssertionRefusals.UnknownIssuer(token.Issuer));
        if (!Algorithms.Contains(token.Alg, StringComparer.Ordinal))
            throw new RefusedException(AssertionRefusals.Algorithm(token.Alg, Algorithms));
        Refusal? refused = null, away = null;
        // Clusters may all call themselves by one URL; only the keys tell them apart.
        foreach (var (issuer, keys) in named)
        {
            IReadOnlyList<SecurityKey> published;
            try
            {
                published = await keys.ForAsync(token.Kid is { Length: > 0 } kid ? kid : null, cancellation);
            }
            catch (RefusedException unreachable)
            {
                // Another of that name may take the token.
                away = unreachable.Refusal;
                continue;
            }
            refused = await RefusalOfAsync(token, issuer, published);
            if (refused is null)
                return new Assertion(issuer, claims, UseOf(issuer, token, claims), EndOf(token));
        }
        // Who is away may be the one whose token it is.
        throw new RefusedException(away ?? refused!);
    }

    private static (JsonWebToken Token, TokenClaims Claims) Read(string text)
    {
        try
        {
            var token = new JsonWebToken(text);
            // Read here: the library looks at what the sender wrote only when asked, and what is null or of another kind is no text.
            (string?, string?, string?) named = (token.Issuer, token.Alg, token.Kid);
            _ = (token.ValidTo, token.ValidFrom, token.IssuedAt);
            if (token.IsEncrypted || token.TryGetHeaderValue<object>("crit", out _) || named.Item1 is not { Length: > 0 } || named.Item2 is not { Length: > 0 })
                throw new RefusedException(AssertionRefusals.Malformed);
            return (token, TokenClaims.Read(Base64Url.DecodeFromChars(token.EncodedPayload)));
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or JsonException or SecurityTokenException or InvalidOperationException or OverflowException)
        {
            throw new RefusedException(AssertionRefusals.Malformed);
        }
    }

    private async Task<Refusal?> RefusalOfAsync(JsonWebToken token, TrustedIssuer issuer, IReadOnlyList<SecurityKey> keys)
    {
        var checkedToken = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKeys = keys,
            // A key that is named and not there is not guessed.
            TryAllIssuerSigningKeys = string.IsNullOrEmpty(token.Kid),
            ValidAlgorithms = Algorithms,
            ValidIssuers = [issuer.Url, issuer.Url + "/"],
            ValidAudience = issuer.Audience,
            IgnoreTrailingSlashWhenValidatingAudience = true,
            // By the registry's clock, below.
            ValidateLifetime = false,
        });
        if (checkedToken.IsValid)
            return Untimely(token);
        return checkedToken.Exception switch
        {
            SecurityTokenSignatureKeyNotFoundException => AssertionRefusals.UnknownKey(issuer.Name),
            SecurityTokenInvalidAudienceException => AssertionRefusals.Audience(issuer.Audience),
            SecurityTokenInvalidIssuerException => AssertionRefusals.UnknownIssuer(token.Issuer),
            SecurityTokenMalformedException => AssertionRefusals.Malformed,
            _ => AssertionRefusals.Signature(issuer.Name),
        };
    }

    private Refusal? Untimely(JsonWebToken token)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        if (!token.TryGetPayloadValue<object>("exp", out _) || token.ValidTo == DateTime.MinValue)
            return AssertionRefusals.NoEnd;
        if (now - Skew > token.ValidTo)
            return AssertionRefusals.Expired(token.ValidTo);
        return now + Skew < token.ValidFrom || now + Skew < token.IssuedAt ? AssertionRefusals.Future : null;
    }

    private static long EndOf(JsonWebToken token) => new DateTimeOffset(token.ValidTo, TimeSpan.Zero).ToUnixTimeMilliseconds() + (long)Skew.TotalMilliseconds;

    /// <summary>Without <c>jti</c> what was signed; not the signature, of which one text can have several.</summary>
    private static string UseOf(TrustedIssuer issuer, JsonWebToken token, TokenClaims claims) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer.Name}\n{issuer.Url}\n{claims["jti"] ?? $"{token.EncodedHeader}.{token.EncodedPayload}"}")));

    public void Dispose()
    {
        foreach (var (_, keys) in _issuers)
            keys.Dispose();
        _http.Dispose();
    }
}
