using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Claimed.Registry.Evidence.Packages;

/// <summary>An entry of a layer.</summary>
/// <param name="Path">Without a leading slash and <c>.</c>; null for one that no engine would unpack, such as one with <c>..</c>.</param>
/// <param name="Type">The type of the header: <c>0</c> a file, <c>1</c> a link to another file of the archive, <c>2</c> a symbolic link, <c>5</c> a folder.</param>
/// <param name="Target">Of a link, normalised the same way.</param>
internal readonly record struct TarPart(string? Path, char Type, long Size, string? Target);

/// <summary>
/// Walks through a tar as it streams by. The framework's reader reserves whatever an extension header claims to need; this one holds a
/// name, and what its caller asks for, and nothing else.
/// </summary>
/// <param name="mostBytes">Of the whole archive, unpacked: a layer of a few kilobytes may claim terabytes.</param>
internal sealed class TarWalk(Stream source, long mostBytes)
{
    private const int Block = 512;
    private const int MaxExtension = 1024 * 1024;
    private const int MaxPath = 4096;

    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _first;
    private int _end;
    private long _passed;
    private long _left;
    private long _padding;

    /// <summary>The next entry, or null at the end.</summary>
    /// <exception cref="InvalidDataException">It is no tar, or larger than the bound.</exception>
    public async ValueTask<TarPart?> NextAsync(CancellationToken cancellation)
    {
        await SkipAsync(_left + _padding, cancellation);
        (_left, _padding) = (0, 0);
        string? name = null, link = null;
        long? size = null;
        while (await ReadHeaderAsync(cancellation) is { } header)
        {
            var type = header[156] == 0 ? '0' : (char)header[156];
            var length = Number(header.AsSpan(124, 12));
            if (length < 0 || length > long.MaxValue / 2)
                throw new InvalidDataException("a header has an impossible size");
            if (type is 'x' or 'g' or 'X' or 'L' or 'K')
            {
                var text = await ExtensionAsync(length, cancellation);
                if (type == 'L')
                    name = Text(text);
                else if (type == 'K')
                    link = Text(text);
                else if (type != 'g')
                    ReadPax(text, ref name, ref link, ref size);
                continue;
            }
            if (type == 'S')
                await SkipSparseMapAsync(header, cancellation);
            _left = type is '1' or '2' or '3' or '4' or '5' or '6' ? 0 : size ?? length;
            _padding = (Block - (_left % Block)) % Block;
            name ??= NameOf(header);
            link ??= Text(header.AsSpan(157, 100));
            return new TarPart(Normalise(name), type is '7' ? '0' : type, _left, type is '1' or '2' ? Normalise(link) : null);
        }
        return null;
    }

    /// <summary>The content of the entry, or null when it is longer than this.</summary>
    public async ValueTask<byte[]?> ReadAsync(int most, CancellationToken cancellation)
    {
        if (_left > most)
            return null;
        var content = new byte[_left];
        await FillAsync(content, cancellation);
        _left = 0;
        return content;
    }

    private async ValueTask<byte[]?> ReadHeaderAsync(CancellationToken cancellation)
    {
        var header = new byte[Block];
        if (_first == _end && !await MoreAsync(cancellation))
            return null;
        await FillAsync(header, cancellation);
        // Two empty blocks end an archive; one does for every reader.
        if (!header.AsSpan().ContainsAnyExcept((byte)0))
            return null;
        var sum = Number(header.AsSpan(148, 8));
        var real = 8L * ' ';
        for (var index = 0; index < Block; index++)
            real += index is >= 148 and < 156 ? 0 : header[index];
        return sum == real ? header : throw new InvalidDataException("it is no tar archive: the checksum of a header is wrong");
    }

    private async ValueTask<byte[]> ExtensionAsync(long length, CancellationToken cancellation)
    {
        if (length > MaxExtension)
            throw new InvalidDataException($"a header has an extension of more than {MaxExtension >> 20} MiB");
        var text = new byte[length];
        await FillAsync(text, cancellation);
        await SkipAsync((Block - (length % Block)) % Block, cancellation);
        return text;
    }

    private async ValueTask SkipSparseMapAsync(byte[] header, CancellationToken cancellation)
    {
        var goesOn = header[482] != 0;
        var map = new byte[Block];
        while (goesOn)
        {
            await FillAsync(map, cancellation);
            goesOn = map[504] != 0;
        }
    }

    private async ValueTask FillAsync(byte[] target, CancellationToken cancellation)
    {
        for (var filled = 0; filled < target.Length;)
        {
            if (_first == _end && !await MoreAsync(cancellation))
                throw new InvalidDataException("it ends in the middle of an entry");
            var part = Math.Min(_end - _first, target.Length - filled);
            _buffer.AsSpan(_first, part).CopyTo(target.AsSpan(filled));
            (_first, filled) = (_first + part, filled + part);
        }
    }

    private async ValueTask SkipAsync(long count, CancellationToken cancellation)
    {
        while (count > 0)
        {
            if (_first == _end && !await MoreAsync(cancellation))
                throw new InvalidDataException("it ends in the middle of an entry");
            var part = (int)Math.Min(_end - _first, count);
            (_first, count) = (_first + part, count - part);
        }
    }

    private async ValueTask<bool> MoreAsync(CancellationToken cancellation)
    {
        (_first, _end) = (0, await source.ReadAsync(_buffer, cancellation));
        _passed += _end;
        return _passed > mostBytes ? throw new InvalidDataException($"it unpacks to more than {mostBytes} bytes") : _end > 0;
    }

    private static void ReadPax(ReadOnlySpan<byte> text, ref string? name, ref string? link, ref long? size)
    {
        while (text.IndexOf((byte)' ') is var space and > 0)
        {
            if (!int.TryParse(text[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length <= space + 1 || length > text.Length)
                return;
            var record = text[(space + 1)..(length - 1)];
            text = text[length..];
            if (record.IndexOf((byte)'=') is not (var equals and > 0))
                continue;
            var value = record[(equals + 1)..];
            if (record[..equals].SequenceEqual("path"u8))
                name = Text(value);
            else if (record[..equals].SequenceEqual("linkpath"u8))
                link = Text(value);
            else if (record[..equals].SequenceEqual("size"u8))
                size = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue / 2 ? number : throw new InvalidDataException("a header has an impossible size");
        }
    }

    private static string NameOf(byte[] header)
    {
        var name = Text(header.AsSpan(0, 100));
        return header.AsSpan(257, 6).SequenceEqual("ustar\0"u8) && Text(header.AsSpan(345, 155)) is { Length: > 0 } prefix ? $"{prefix}/{name}" : name;
    }

    private static string Text(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field);

    /// <summary>Octal digits, or with the first bit set a binary number.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
            return field.Length < 12 ? -1 : BinaryPrimitives.ReadInt64BigEndian(field[4..]);
        long number = 0;
        foreach (var digit in field.TrimStart(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                break;
            number = (number * 8) + (digit - '0');
        }
        return number;
    }

    private static string? Normalise(string path)
    {
        if (path.Length > MaxPath)
            return null;
        var plain = path.StartsWith('/') || path.StartsWith("./", StringComparison.Ordinal) || path.EndsWith('/') || path.Contains("/.", StringComparison.Ordinal) || path.Contains("//", StringComparison.Ordinal)
            || path.StartsWith("..", StringComparison.Ordinal) || path == ".";
        if (!plain)
            return path;
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToList();
        return parts.Contains("..") ? null : string.Join('/', parts);
    }
}
