using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Claimed.Registry.Http.Pieces;

/// <summary>
/// A stretch of a body that is kept compressed and may stand anywhere in it: pieces one after the other, compressed or not, are the body,
/// so a change in one of them leaves the bytes of the others as they are.
/// </summary>
public sealed class Piece
{
    // An empty last block: what ends a stream of deflated pieces.
    internal static readonly byte[] End = [0x03, 0x00];

    private readonly byte[] _deflated;
    private readonly byte[] _hash;
    private string? _name;

    private Piece(byte[] deflated, int length, uint checksum, byte[] hash) => (_deflated, Length, Checksum, _hash) = (deflated, length, checksum, hash);

    /// <summary>Bytes of the text.</summary>
    public int Length { get; }

    /// <summary>CRC-32 of the text.</summary>
    public uint Checksum { get; }

    /// <summary>Whole blocks of the deflate format that refer to nothing before them and end on a byte; none of them is the last of a stream.</summary>
    public ReadOnlyMemory<byte> Deflated => _deflated;

    /// <summary>SHA-256 of the text.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>The same as a text that names the piece.</summary>
    internal string Name => _name ??= Convert.ToHexString(_hash);

    public static Piece Of(ReadOnlySpan<byte> text)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(text);
            // Ends the last block on a byte without ending the stream.
            deflate.Flush();
            return new Piece(packed.ToArray(), text.Length, Crc32.HashToUInt32(text), SHA256.HashData(text));
        }
    }

    /// <summary>The text, unpacked at each call.</summary>
    public byte[] Text()
    {
        var text = new byte[Length];
        using var inflate = new DeflateStream(new MemoryStream([.. _deflated, .. End]), CompressionMode.Decompress);
        inflate.ReadExactly(text);
        return text;
    }

    /// <summary>Header of a gzip file (RFC 1952) that says nothing of time, name or system.</summary>
    internal static byte[] GzipHead { get; } = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];

    /// <summary>What follows the pieces in a gzip file: the end of the stream, the checksum and the length of everything.</summary>
    internal static byte[] GzipTail(IEnumerable<Piece> pieces)
    {
        var (checksum, length) = (0u, 0L);
        foreach (var piece in pieces)
        {
            checksum = JoinedChecksum.Of(checksum, piece.Checksum, piece.Length);
            length += piece.Length;
        }
        var tail = new byte[10];
        End.CopyTo(tail, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(tail.AsSpan(2), checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(tail.AsSpan(6), unchecked((uint)length));
        return tail;
    }
}
