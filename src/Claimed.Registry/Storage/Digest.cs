using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.Registry.Storage;

/// <summary>Digests as text: <c>sha256:</c> and 64 lower-case hex digits.</summary>
public static partial class Digest
{
    public static string Of(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static bool IsSha256(string text) => Sha256.IsMatch(text);

    [GeneratedRegex(@"\Asha256:[a-f0-9]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256 { get; }
}
