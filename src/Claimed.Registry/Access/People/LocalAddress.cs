using System.Diagnostics.CodeAnalysis;

namespace Claimed.Registry.Access.People;

/// <summary>Addresses of this registry alone, for where to go after signing in: a link to the sign-in page must not lead on to a page of others.</summary>
public static class LocalAddress
{
    private const int MaxLength = 1000;
    private static readonly Uri Here = new("http://here/");

    /// <summary>The address if it is one of ours, in ASCII; the start page otherwise.</summary>
    public static string Or(string? address, string otherwise = "/") => TryRead(address, out var local) ? local : otherwise;

    private static bool TryRead(string? address, [NotNullWhen(true)] out string? local)
    {
        local = null;
        if (address is not { Length: > 0 and <= MaxLength } || !Begins(address) || address.Any(letter => char.IsControl(letter) || letter == '\\' || char.IsSurrogate(letter)))
            return false;
        if (!Uri.TryCreate(Here, address, out var whole) || whole.Authority != Here.Authority || whole.Scheme != Here.Scheme || whole.UserInfo.Length > 0)
            return false;
        local = whole.PathAndQuery + whole.Fragment;
        // Dots that are resolved may uncover a second slash.
        return Begins(local);
    }

    private static bool Begins(string address) => address[0] == '/' && !address.StartsWith("//", StringComparison.Ordinal);
}
