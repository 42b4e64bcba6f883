using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.Registry.Storage;

/// <summary>Digests as text: <c>sha256:</c> and 64 lower-case hex digits; in the image store also <c>sha512:</c> and 128.</summary>
public static partial class Digest
{
    public static string Of(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static bool IsSha256(string text) => Sha256.IsMatch(text);

    /// <summary>True for both algorithms that the stores keep bytes under.</summary>
    public static bool IsKnown(string text) => Sha256.IsMatch(text) || Sha512.IsMatch(text);

    /// <summary>True when the bytes have this digest, whichever of the two algorithms it names.</summary>
    public static bool Matches(string digest, ReadOnlySpan<byte> bytes) => digest == Text(AlgorithmOf(digest), AlgorithmOf(digest) == HashAlgorithmName.SHA512
        ? SHA512.HashData(bytes) : SHA256.HashData(bytes));

    public static HashAlgorithmName AlgorithmOf(string digest) =>
        digest.StartsWith("sha512:", StringComparison.Ordinal) ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;

    public static string Text(HashAlgorithmName algorithm, ReadOnlySpan<byte> hash) =>
        (algorithm == HashAlgorithmName.SHA512 ? "sha512:" : "sha256:") + Convert.ToHexStringLower(hash);

    [GeneratedRegex(@"\Asha512:[a-f0-9]{128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha512 { get; }

    [GeneratedRegex(@"\Asha256:[a-f0-9]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256 { get; }
}
