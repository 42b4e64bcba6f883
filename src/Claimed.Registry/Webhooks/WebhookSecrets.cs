using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Claimed.Registry.Webhooks;

/// <summary>
/// What deliveries are signed with. The registry must know it, so it cannot be a hash; it is encrypted with keys that lie in files and not in
/// the database.
/// </summary>
public sealed class WebhookSecrets(IDataProtectionProvider protection)
{
    /// <summary>Fewest characters of a secret that an owner chooses.</summary>
    public const int Least = 16;

    private readonly IDataProtector _protector = protection.CreateProtector("Claimed.Registry.Webhooks.Secret");

    public static string New() => "clmw_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public string Seal(string secret) => _protector.Protect(secret);

    /// <summary>Null when this registry does not have the keys that it was sealed with.</summary>
    public string? Open(string text)
    {
        try
        {
            return _protector.Unprotect(text);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>As GitHub signs: <c>sha256=</c> and the HMAC of the body in lower-case hex.</summary>
    public static string Sign(string secret, ReadOnlySpan<byte> body) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
}
