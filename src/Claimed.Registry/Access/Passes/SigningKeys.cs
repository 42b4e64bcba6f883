using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Access.Passes;

/// <summary>
/// The keys that passes are signed with: EC P-256, one file each in <c>Registry__KeysPath</c>. The newest signs; older ones stay known, so
/// that what they signed is valid to its end. A file that another node has added is found by itself.
/// </summary>
public sealed class SigningKeys(IOptions<RegistryOptions> options, IOptions<DatabaseOptions> database, TimeProvider clock)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    // Whoever makes up keys has the folder read no more often.
    private static readonly TimeSpan LookForUnknown = TimeSpan.FromSeconds(1);

    private static readonly NumberedKeyFiles Files = new("signing");

    private readonly Lock _looking = new();
    private volatile IReadOnlyList<SigningKey> _keys = [];
    private long _lookedAt;

    /// <summary>All, the newest last.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public IReadOnlyList<SigningKey> All
    {
        get
        {
            if (_keys.Count == 0 && database.Value.IsSqlite && !Exist(options.Value.Keys))
                Make(options.Value.Keys);
            Look(_keys.Count == 0 ? TimeSpan.Zero : LookAgain);
            return _keys.Count > 0 ? _keys : throw new InvalidOperationException("There is no signing key: run the word keys.");
        }
    }

    public SigningKey Newest => All[^1];

    /// <summary>The key with this id; one that another node has just made and signed with is looked for at once.</summary>
    public SigningKey? Find(string? id)
    {
        if (id is null)
            return null;
        if (All.FirstOrDefault(key => key.Id == id) is { } known)
            return known;
        Look(LookForUnknown);
        return _keys.FirstOrDefault(key => key.Id == id);
    }

    /// <summary>Whether there is any, without making one.</summary>
    public static bool Exist(string folder) => Files.Exist(folder);

    /// <summary>Makes the next key; returns the name of its file.</summary>
    public static string Make(string folder) => Files.Make(folder);

    private void Look(TimeSpan pause)
    {
        if (clock.GetElapsedTime(Interlocked.Read(ref _lookedAt)) < pause)
            return;
        lock (_looking)
        {
            Interlocked.Exchange(ref _lookedAt, clock.GetTimestamp());
            var files = Files.In(options.Value.Keys);
            if (!files.Select(file => file.Number).SequenceEqual(_keys.Select(key => key.Number)))
                _keys = [.. files.Select(file => _keys.FirstOrDefault(known => known.Number == file.Number) ?? SigningKey.Read(file.Number, file.Path))];
        }
    }
}

/// <summary>One key.</summary>
/// <param name="id">Thumbprint of the public key (RFC 7638), the <c>kid</c>.</param>
/// <param name="document">As the JWKS shows it.</param>
public sealed class SigningKey(int number, string id, ECDsa key, PublicKeyDocument document)
{
    public int Number { get; } = number;

    public string Id { get; } = id;

    public PublicKeyDocument Public { get; } = document;

    // Keys are not made for several threads at once.
    private readonly Lock _turn = new();

    internal byte[] Sign(byte[] text)
    {
        lock (_turn)
            return key.SignData(text, HashAlgorithmName.SHA256);
    }

    internal bool Verify(byte[] text, byte[] signature)
    {
        lock (_turn)
            return key.VerifyData(text, signature, HashAlgorithmName.SHA256);
    }

    internal static SigningKey Read(int number, string path)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(path));
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var (x, y) = (System.Buffers.Text.Base64Url.EncodeToString(point.X), System.Buffers.Text.Base64Url.EncodeToString(point.Y));
        var id = System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));
        return new SigningKey(number, id, key, new PublicKeyDocument("EC", "sig", "ES256", id, "P-256", x, y));
    }
}

/// <summary>A public key as RFC 7517 writes it.</summary>
public sealed record PublicKeyDocument(string Kty, string Use, string Alg, string Kid, string Crv, string X, string Y);

/// <summary>Public keys of this registry.</summary>
public sealed record KeySetDocument(IReadOnlyList<PublicKeyDocument> Keys);
