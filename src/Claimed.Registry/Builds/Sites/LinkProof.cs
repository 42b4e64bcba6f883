using System.Security.Cryptography;
using System.Text;

namespace Claimed.Registry.Builds.Sites;

/// <summary>Shows of an address that a page of the index linked it: a word that only this process can make, for as long as it runs.</summary>
internal sealed class LinkProof
{
    // What installers ask for beside a file whose page says that there is such a thing (PEP 658).
    private const string Metadata = ".metadata";

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public string Sign(Uri address) => Sign(address, address.AbsolutePath);

    public bool IsSigned(Uri address, string proof) => IsProof(proof, address, address.AbsolutePath)
        || (address.AbsolutePath.EndsWith(Metadata, StringComparison.Ordinal) && IsProof(proof, address, address.AbsolutePath[..^Metadata.Length]));

    private bool IsProof(string proof, Uri address, string path) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(proof), Encoding.UTF8.GetBytes(Sign(address, path)));

    private string Sign(Uri address, string path) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{address.GetLeftPart(UriPartial.Authority)}{Plain(path)}{address.Query}")))[..32];

    /// <summary>One way to write a path: pip asks for <c>%2B</c> where a page says <c>+</c>. A slash stays what it is.</summary>
    private static string Plain(string path) => string.Join('/', path.Split('/').Select(part => Uri.EscapeDataString(Uri.UnescapeDataString(part))));
}
