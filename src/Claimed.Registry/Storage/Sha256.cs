using System.Buffers.Binary;

namespace Claimed.Registry.Storage;

/// <summary>A digest <c>sha256:…</c> as its 32 bytes: what a catalog of many versions can afford to keep of each.</summary>
public readonly record struct Sha256
{
    private const string Prefix = "sha256:";
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    private Sha256(ReadOnlySpan<byte> hash)
    {
        _first = BinaryPrimitives.ReadUInt64BigEndian(hash);
        _second = BinaryPrimitives.ReadUInt64BigEndian(hash[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(hash[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(hash[24..]);
    }

    /// <summary>How many bytes a digest has.</summary>
    public const int Bytes = 32;

    /// <summary>How many characters a digest has as text.</summary>
    public const int TextLength = 7 + 2 * Bytes;

    public static Sha256 From(ReadOnlySpan<byte> hash) => new(hash);

    public static Sha256 Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var digest) ? digest : throw new InvalidDataException($"\"{text}\" is stored where a sha256 digest belongs.");

    /// <summary>Reads <c>sha256:</c> and 64 lower-case hex digits, and nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Sha256 digest)
    {
        digest = default;
        if (text.Length != TextLength || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length..].ContainsAnyInRange('A', 'F'))
            return false;
        Span<byte> hash = stackalloc byte[Bytes];
        if (Convert.FromHexString(text[Prefix.Length..], hash, out _, out _) != System.Buffers.OperationStatus.Done)
            return false;
        digest = new Sha256(hash);
        return true;
    }

    /// <summary>Writes its 32 bytes.</summary>
    public void CopyTo(Span<byte> hash)
    {
        BinaryPrimitives.WriteUInt64BigEndian(hash, _first);
        BinaryPrimitives.WriteUInt64BigEndian(hash[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(hash[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(hash[24..], _fourth);
    }

    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[Bytes];
        CopyTo(hash);
        return Prefix + Convert.ToHexStringLower(hash);
    }
}
