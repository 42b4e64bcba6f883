using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Claimed.Registry.Access;

/// <summary>Short texts that only this registry can have written: <c>prefix body.signature</c>, HMAC-SHA256, fit for HTTP headers.</summary>
internal sealed class SignedText(Func<byte[]> key, string prefix)
{
    // Unlike Lazy, a lock forgets a failure: a key that could not be made on a full disk is made later.
    private readonly Lock _making = new();
    private byte[]? _key;

    public string Write(string text)
    {
        var body = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
        return $"{prefix}{body}.{Sign(body)}";
    }

    /// <summary>The text, or null when the token is none of ours.</summary>
    public string? Read(string token)
    {
        if (!token.StartsWith(prefix, StringComparison.Ordinal) || token.Split('.') is not [var head, var signature])
            return null;
        var body = head[prefix.Length..];
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(body)), Encoding.UTF8.GetBytes(signature))
            ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(body))
            : null;
    }

    private byte[] Key()
    {
        lock (_making)
            return _key ??= key();
    }

    private string Sign(string body) => Base64Url.EncodeToString(HMACSHA256.HashData(Key(), Encoding.UTF8.GetBytes(body)));
}
