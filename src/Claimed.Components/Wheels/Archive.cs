using System.Buffers.Binary;
using System.Text;

namespace Claimed.Components.Wheels;

/// <summary>A file of an archive.</summary>
/// <param name="Path">With slashes, relative; no two of an archive are the same.</param>
public sealed record ArchiveFile(string Path, ReadOnlyMemory<byte> Content)
{
    public static ArchiveFile Text(string path, string text) => new(path, Encoding.UTF8.GetBytes(text));
}

/// <summary>
/// A zip archive whose bytes depend on its files alone: in the order given, dated 1980-01-01, and stored as they are. Nothing is compressed, because what
/// a compressor makes changes with its version, and these bytes must be the same on every node and in years to come. That is also why the archive is
/// written here: libraries put the system and their version into it.
/// </summary>
public static class Archive
{
    private const ushort Version = 20;
    private const ushort Unix = 3 << 8;
    private const ushort Names = 1 << 11;
    private const ushort FirstDay = (1 << 5) | 1;
    private const uint Mode = 0x81A4u << 16;

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(index => Enumerable.Range(0, 8).Aggregate((uint)index, (value, _) => (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0xEDB88320))];

    /// <exception cref="ArgumentException">A path would leave the folder it is unpacked to, or stands there twice; there are too many files or bytes for a plain zip.</exception>
    public static byte[] Write(IReadOnlyCollection<ArchiveFile> files)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (files.FirstOrDefault(file => !IsPlain(file.Path) || !names.Add(file.Path)) is { } bad)
            throw new ArgumentException($"\"{bad.Path}\" cannot be a path in an archive, or is there twice.", nameof(files));
        if (files.Count > ushort.MaxValue || files.Sum(file => (long)file.Content.Length + 2 * file.Path.Length + 128) > int.MaxValue)
            throw new ArgumentException("The files are too many or too large for one archive.", nameof(files));
        using var archive = new MemoryStream();
        using var directory = new MemoryStream();
        foreach (var file in files)
        {
            var name = Encoding.UTF8.GetBytes(file.Path);
            var content = file.Content.Span;
            var (offset, sum, flags) = ((uint)archive.Length, Sum(content), name.Length == file.Path.Length ? (ushort)0 : Names);
            Put(archive, 0x04034b50, [Version, flags, 0, 0, FirstDay], [sum, (uint)content.Length, (uint)content.Length], [(ushort)name.Length, 0]);
            archive.Write(name);
            archive.Write(content);
            Put(directory, 0x02014b50, [Unix | Version, Version, flags, 0, 0, FirstDay], [sum, (uint)content.Length, (uint)content.Length], [(ushort)name.Length, 0, 0, 0, 0]);
            Put(directory, Mode, [], [offset], []);
            directory.Write(name);
        }
        var start = (uint)archive.Length;
        directory.WriteTo(archive);
        Put(archive, 0x06054b50, [0, 0, (ushort)files.Count, (ushort)files.Count], [(uint)directory.Length, start], [0]);
        return archive.ToArray();
    }

    private static bool IsPlain(string path) => path.Length is > 0 and <= 512 && path.Split('/').All(part => part is not ("" or "." or "..")) && !path.Any(c => char.IsControl(c) || c is '\\' or ':');

    private static void Put(MemoryStream stream, uint first, ReadOnlySpan<ushort> before, ReadOnlySpan<uint> sizes, ReadOnlySpan<ushort> after)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(four, first);
        stream.Write(four);
        Put(stream, before);
        foreach (var size in sizes)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(four, size);
            stream.Write(four);
        }
        Put(stream, after);
    }

    private static void Put(MemoryStream stream, ReadOnlySpan<ushort> numbers)
    {
        Span<byte> two = stackalloc byte[2];
        foreach (var number in numbers)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(two, number);
            stream.Write(two);
        }
    }

    private static uint Sum(ReadOnlySpan<byte> content)
    {
        var sum = uint.MaxValue;
        foreach (var one in content)
            sum = Table[(byte)sum ^ one] ^ (sum >> 8);
        return ~sum;
    }
}
