using System.Security.Cryptography;
using Claimed.Registry.Access;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Evidence;

/// <summary>
/// The keys that statements about images are signed with: EC P-256, <c>evidence-N.pem</c> in <c>Registry__KeysPath</c>. The newest private one
/// signs; the public halves of all stay served, so that what older keys have signed can be verified for ever.
/// </summary>
public sealed class EvidenceKeys(IOptions<RegistryOptions> options, IOptions<DatabaseOptions> database, TimeProvider clock)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly Lock _looking = new();
    private volatile IReadOnlyList<EvidenceKey> _keys = [];
    private long _lookedAt;

    /// <summary>All, the newest first.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public IReadOnlyList<EvidenceKey> All
    {
        get
        {
            if (_keys.Count == 0 && database.Value.IsSqlite && !KeyFiles.Evidence.Exist(options.Value.Keys))
                KeyFiles.Evidence.Make(options.Value.Keys);
            if (_keys.Count == 0 || clock.GetElapsedTime(Interlocked.Read(ref _lookedAt)) >= LookAgain)
                Look();
            return _keys.Count > 0 ? _keys : throw new InvalidOperationException("There is no key for evidence: run the word keys.");
        }
    }

    /// <summary>The key that signs.</summary>
    public EvidenceKey Signing => All.FirstOrDefault(key => key.CanSign)
        ?? throw new InvalidOperationException("No file evidence-N.pem of Registry__KeysPath holds a private key: run the word keys with --rotate-evidence.");

    private void Look()
    {
        lock (_looking)
        {
            Interlocked.Exchange(ref _lookedAt, clock.GetTimestamp());
            // The public half alone may have taken the place of a key that shall sign no more.
            var files = KeyFiles.Evidence.In(options.Value.Keys).ConvertAll(file => (file.Path, Written: File.GetLastWriteTimeUtc(file.Path)));
            files.Reverse();
            if (!files.SequenceEqual(_keys.Select(key => (key.Path, key.Written))))
                _keys = [.. files.Select(file => EvidenceKey.Read(file.Path, file.Written))];
        }
    }
}

/// <summary>One key.</summary>
public sealed class EvidenceKey
{
    // Keys are not made for several threads at once.
    private readonly Lock _turn = new();
    private readonly ECDsa _key;

    private EvidenceKey(string path, DateTime written, ECDsa key, bool canSign) =>
        (Path, Written, _key, CanSign, Id, Pem) = (path, written, key, canSign, Digest.Of(key.ExportSubjectPublicKeyInfo())[7..], key.ExportSubjectPublicKeyInfoPem() + "\n");

    /// <summary>sha256 of the public key in DER, in hex: <c>openssl pkey -pubin -outform DER | sha256sum</c> says the same.</summary>
    public string Id { get; }

    /// <summary>The public key.</summary>
    public string Pem { get; }

    public bool CanSign { get; }

    internal string Path { get; }

    internal DateTime Written { get; }

    /// <summary>ECDSA over SHA-256, in DER, as openssl and cosign read it.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> bytes)
    {
        lock (_turn)
            return _key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    internal static EvidenceKey Read(string path, DateTime written)
    {
        var pem = File.ReadAllText(path);
        var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return new EvidenceKey(path, written, key, pem.Contains("PRIVATE KEY", StringComparison.Ordinal));
    }
}
