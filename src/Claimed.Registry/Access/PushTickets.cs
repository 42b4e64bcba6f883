using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Claimed.Registry.Access;

/// <summary>Signed tickets with which an engine pushes the image of one build into one repository.</summary>
public sealed class PushTickets(KeyFiles keys, TimeProvider clock)
{
    private const string Prefix = "clmp_";
    private readonly Lazy<byte[]> _key = new(() => keys.Key("push-ticket"));

    public string Issue(string repository, TimeSpan lifetime)
    {
        var ends = (clock.GetUtcNow() + lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var body = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{ends} {repository}"));
        return $"{Prefix}{body}.{Sign(body)}";
    }

    /// <summary>The repository that the ticket opens, or null when it is not a valid ticket.</summary>
    public string? Read(string token)
    {
        if (!token.StartsWith(Prefix, StringComparison.Ordinal) || token.Split('.') is not [var head, var signature])
            return null;
        var body = head[Prefix.Length..];
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(body)), Encoding.ASCII.GetBytes(signature)))
            return null;
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(body)).Split(' ', 2);
        return long.Parse(text[0], CultureInfo.InvariantCulture) > clock.GetUtcNow().ToUnixTimeSeconds() ? text[1] : null;
    }

    private string Sign(string body) => Base64Url.EncodeToString(HMACSHA256.HashData(_key.Value, Encoding.ASCII.GetBytes(body)));
}
