using System.Security.Cryptography;

namespace Claimed.TestKit;

/// <summary>RSA keys of test issuers. Making one takes up to a second, so a process makes a few and hands them out in turn.</summary>
public static class RsaKeys
{
    private static readonly Lazy<byte[]>[] _made = [.. Enumerable.Range(0, 4).Select(_ => new Lazy<byte[]>(Make))];
    private static int _given;

    /// <summary>A key of 2048 bits, for the caller to dispose.</summary>
    /// <param name="other">A key that it must differ from.</param>
    public static RSA Next(RSA? other = null)
    {
        var key = RSA.Create();
        do
            key.ImportPkcs8PrivateKey(_made[(uint)Interlocked.Increment(ref _given) % _made.Length].Value, out _);
        while (other is not null && key.ExportRSAPublicKey().AsSpan().SequenceEqual(other.ExportRSAPublicKey()));
        return key;
    }

    private static byte[] Make()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKey();
    }
}
