using System.Security.Cryptography;
using Claimed.Registry.Access.Tokens;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access.Trust;

/// <summary>Says at start what is wrong with the issuers and the keys of secret scanners.</summary>
public sealed class TrustOptionsCheck : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        foreach (var (issuer, one) in options.Issuers)
        {
            if (WrongWith(issuer, one) is { } wrong)
                return ValidateOptionsResult.Fail(wrong);
        }
        foreach (var (id, place) in options.LeakKeys)
        {
            try
            {
                LeakReports.Key(place).Dispose();
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
            {
                return ValidateOptionsResult.Fail($"Access__LeakKeys__{id} is neither the PEM of a P-256 public key nor the path of a file with one: {fault.Message}");
            }
        }
        return ValidateOptionsResult.Success;
    }

    private static string? WrongWith(string name, IssuerOptions issuer)
    {
        var setting = $"Access__Issuers__{name}";
        if (!IsUrl(issuer.Url, issuer.AllowHttp))
            return $"{setting}__Url is \"{issuer.Url}\": give the issuer's https URL (http only with {setting}__AllowHttp=true)";
        if (issuer.Jwks is { } keys && (IssuerKeys.IsUrl(keys) ? !IsUrl(keys, issuer.AllowHttp) : !File.Exists(keys)))
            return $"{setting}__Jwks is \"{keys}\": give a file that exists, or an https URL (http only with {setting}__AllowHttp=true)";
        return issuer.Audience is "" ? $"{setting}__Audience is empty: leave it out for the registry's public URL" : null;
    }

    private static bool IsUrl(string text, bool allowHttp) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (allowHttp && url.Scheme == Uri.UriSchemeHttp));
}
