using System.Buffers.Binary;

namespace Claimed.Registry.Publish;

/// <summary>
/// Watches a tar pass by, one header ahead of its reader. The reader reserves as much memory as an extension header claims to have, and
/// believes sizes that an extension header gives; both are refused here, where only the 512 bytes of a header are held.
/// </summary>
internal sealed class TarGuard
{
    private const int BlockBytes = 512;

    // Long names, link targets and extended attributes; a path may have 240 characters here.
    private const int MaxExtension = 256 * 1024;

    private readonly byte[] _header = new byte[BlockBytes];
    private readonly MemoryStream _extension = new();
    private int _headerLength;
    private long _data;
    private long _padding;
    private bool _isExtension;

    public void Pass(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_data > 0)
            {
                var part = bytes[..(int)Math.Min(_data, bytes.Length)];
                if (_isExtension)
                    _extension.Write(part);
                _data -= part.Length;
                bytes = bytes[part.Length..];
                if (_data == 0 && _isExtension)
                    CheckExtension();
            }
            else if (_padding > 0)
            {
                var part = (int)Math.Min(_padding, bytes.Length);
                _padding -= part;
                bytes = bytes[part..];
            }
            else
            {
                var part = Math.Min(BlockBytes - _headerLength, bytes.Length);
                bytes[..part].CopyTo(_header.AsSpan(_headerLength));
                _headerLength += part;
                bytes = bytes[part..];
                if (_headerLength == BlockBytes)
                    CheckHeader();
            }
        }
    }

    private void CheckHeader()
    {
        _headerLength = 0;
        var size = Size(_header.AsSpan(124, 12));
        _isExtension = _header[156] is (byte)'x' or (byte)'g' or (byte)'X' or (byte)'L' or (byte)'K';
        if (_isExtension && size > MaxExtension)
            throw UploadRefusal.BadArchive($"An entry has a header of more than {MaxExtension >> 10} KiB. Pack the files without extended attributes.");
        _data = size;
        _padding = (BlockBytes - (size % BlockBytes)) % BlockBytes;
        _extension.SetLength(0);
    }

    private void CheckExtension()
    {
        var text = _extension.GetBuffer().AsSpan(0, (int)_extension.Length);
        if (text.IndexOf(" size="u8) >= 0)
            throw UploadRefusal.BadArchive("An entry gives its size twice, as only files of many gigabytes need it.");
        if (text.IndexOf(" GNU.sparse."u8) >= 0)
            throw UploadRefusal.BadArchive("An entry is a sparse file. Pack it without --sparse.");
    }

    /// <summary>Octal digits, or with the first bit set a binary number; what is neither, the reader refuses.</summary>
    private static long Size(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
            return field[1..4].ContainsAnyExcept((byte)0) || field[4] >= 0x40 ? long.MaxValue / 2 : BinaryPrimitives.ReadInt64BigEndian(field[4..]);
        long size = 0;
        foreach (var digit in field.TrimStart(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                break;
            size = (size * 8) + (digit - '0');
        }
        return size;
    }
}
