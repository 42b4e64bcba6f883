using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Claimed.Registry.Access.Tokens;

namespace Claimed.Registry.Builds.Sites;

/// <summary>Which builds may use the gateway: each has a ticket that counts while it runs.</summary>
internal sealed class GatewayTickets
{
    public const string User = "build";

    private const string Scheme = "Basic ";

    private readonly ConcurrentDictionary<string, byte> _open = new(StringComparer.Ordinal);

    public string Issue()
    {
        var ticket = RandomNumberGenerator.GetHexString(32, lowercase: true);
        _open[Key(ticket)] = 0;
        return ticket;
    }

    public void End(string ticket) => _open.TryRemove(Key(ticket), out _);

    /// <summary>Whether the header <c>Proxy-Authorization</c> holds a ticket of a build that runs.</summary>
    public bool Opens(string? header)
    {
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        Span<byte> bytes = stackalloc byte[256];
        return Convert.TryFromBase64String(header[Scheme.Length..].Trim(), bytes, out var count)
            && Encoding.UTF8.GetString(bytes[..count]).Split(':', 2) is [User, var ticket] && _open.ContainsKey(Key(ticket));
    }

    // Looked up by its hash: how long that takes says nothing of the ticket.
    private static string Key(string ticket) => TokenText.HashOf(ticket);
}
