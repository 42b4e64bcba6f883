using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Claimed.Registry.Access.Tokens;

/// <summary>
/// A token as text: <c>clmt_</c>, 43 letters and digits that hold 256 random bits, and 6 that hold the CRC-32 of those before, so that
/// scanners for secrets know one without asking. <c>clmt_[0-9A-Za-z]{49}</c>.
/// </summary>
public static class TokenText
{
    public const string Prefix = "clmt_";

    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int SecretLength = 43;
    private const int ChecksumLength = 6;

    public static string New()
    {
        var secret = Prefix + Base62(new BigInteger(RandomNumberGenerator.GetBytes(32), isUnsigned: true), SecretLength);
        return secret + Checksum(secret);
    }

    /// <summary>Whether it has the form of a token that this registry made, checksum included; says nothing of whether it is valid.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length == Prefix.Length + SecretLength + ChecksumLength && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.AsSpan(Prefix.Length).IndexOfAnyExcept(Digits) < 0 && text.EndsWith(Checksum(text[..^ChecksumLength]), StringComparison.Ordinal);

    /// <summary>What is stored: lower-case hex SHA-256.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static string Checksum(string text) => Base62(Crc32.HashToUInt32(Encoding.ASCII.GetBytes(text)), ChecksumLength);

    private static string Base62(BigInteger number, int length)
    {
        var text = new char[length];
        for (var at = length - 1; at >= 0; at--)
        {
            number = BigInteger.DivRem(number, Digits.Length, out var digit);
            text[at] = Digits[(int)digit];
        }
        return new string(text);
    }
}
