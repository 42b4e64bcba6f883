using Claimed.Registry.Http;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Claimed.Registry.Access.Trust;

/// <summary>
/// The public keys of one issuer, kept until a token names one that is not among them. Whoever sends made-up key names makes the
/// registry ask at most once per <see cref="LeastPause"/>; an issuer that is away keeps the keys it had.
/// </summary>
internal sealed partial class IssuerKeys(string name, IssuerOptions options, HttpClient http, TimeProvider clock, ILogger logger) : IDisposable
{
    public static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(10);

    // A key that the issuer withdrew is believed no longer than this.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly HttpDocumentRetriever _retriever = new(http) { RequireHttps = !options.AllowHttp };
    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile Kept? _kept;
    private long? _askedAt;

    /// <param name="keyId">The key that is needed; null for any.</param>
    /// <exception cref="RefusedException">There are no keys, and the issuer does not answer.</exception>
    public async Task<IReadOnlyList<SecurityKey>> ForAsync(string? keyId, CancellationToken cancellation)
    {
        if (_kept is { } kept && IsEnough(kept, keyId))
            return kept.Keys;
        await _one.WaitAsync(cancellation);
        try
        {
            if (_kept is { } meanwhile && IsEnough(meanwhile, keyId))
                return meanwhile.Keys;
            if (_askedAt is null || clock.GetElapsedTime(_askedAt.Value) >= LeastPause)
            {
                _askedAt = clock.GetTimestamp();
                // Not with the request's own patience: whoever hangs up must not leave the others without keys.
                await AskAsync();
            }
            return _kept?.Keys ?? throw new RefusedException(Away);
        }
        finally
        {
            _one.Release();
        }
    }

    private Refusal Away => new(503, "issuer-unreachable", "The issuer's keys cannot be read.",
        $"The registry could not read the keys of {name} ({options.Url}) and so cannot check the token. Send it again in a few seconds.")
    { RetryAfter = (int)LeastPause.TotalSeconds };

    private bool IsEnough(Kept kept, string? keyId) => clock.GetElapsedTime(kept.At) < Lifetime && (keyId is null || kept.Keys.Any(key => key.KeyId == keyId));

    private async Task AskAsync()
    {
        try
        {
            _kept = new Kept([.. await ReadAsync()], clock.GetTimestamp());
        }
        catch (Exception fault)
        {
            // The library wraps whatever went wrong on the way or in the document in kinds of its own.
            LogUnreadable(logger, name, options.Jwks ?? options.Url, fault);
        }
    }

    private async Task<IEnumerable<SecurityKey>> ReadAsync()
    {
        if (options.Jwks is { } place)
        {
            var text = IsUrl(place) ? await _retriever.GetDocumentAsync(place, CancellationToken.None) : await File.ReadAllTextAsync(place);
            return new JsonWebKeySet(text).GetSigningKeys();
        }
        var address = options.Url.TrimEnd('/') + "/.well-known/openid-configuration";
        var found = await OpenIdConnectConfigurationRetriever.GetAsync(address, _retriever, CancellationToken.None);
        return found.Issuer.TrimEnd('/') == options.Url.TrimEnd('/') ? found.SigningKeys : throw new InvalidDataException($"{address} is of another issuer, {found.Issuer}.");
    }

    internal static bool IsUrl(string place) => place.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || place.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    public void Dispose() => _one.Dispose();

    private sealed record Kept(IReadOnlyList<SecurityKey> Keys, long At);

    [LoggerMessage(Level = LogLevel.Error, Message = "The keys of the issuer {Name} cannot be read from {Place}; the ones that were read before go on to count.")]
    private static partial void LogUnreadable(ILogger logger, string name, string place, Exception fault);
}
