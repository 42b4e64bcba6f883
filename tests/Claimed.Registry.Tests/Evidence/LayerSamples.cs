using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using ZstdSharp;

namespace Claimed.Registry.Tests.Evidence;

/// <summary>Layers as engines write them.</summary>
internal static class LayerSamples
{
    public const string Debian = """
        Package: bash
        Status: install ok installed
        Architecture: amd64
        Version: 5.2.15-2+b2
        Description: GNU Bourne Again SHell
         with a second line: that is no field

        Package: gone
        Status: deinstall ok config-files
        Architecture: all
        Version: 1.0

        Package: libstdc++6
        Status: install ok installed
        Architecture: amd64
        Source: gcc-12
        Version: 12.2.0-14

        """;

    public const string OsRelease = "NAME=\"Debian\"\nID=debian\nVERSION_ID=\"12\"\n";

    public static byte[] Gzip(params (string Path, string? Text)[] files) => Packed(Tar(files), target => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true));

    public static byte[] Zstd(params (string Path, string? Text)[] files) => Packed(Tar(files), target => new CompressionStream(target, leaveOpen: true));

    /// <summary>A null text makes a folder.</summary>
    public static byte[] Tar(params (string Path, string? Text)[] files) => Tar([.. files.Select(file => file.Text is { } text ? File(file.Path, Encoding.UTF8.GetBytes(text)) : new PaxTarEntry(TarEntryType.Directory, file.Path))]);

    public static byte[] Tar(params TarEntry[] entries)
    {
        using var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries)
                tar.WriteEntry(entry);
        }
        return memory.ToArray();
    }

    public static TarEntry File(string path, byte[] content) => new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) };

    public static TarEntry Link(TarEntryType type, string path, string target) => new PaxTarEntry(type, path) { LinkName = target };

    public static (string Path, string? Text) Python(string name, string version, string folder = "usr/lib/python3/dist-packages") =>
        ($"{folder}/{name}-{version}.dist-info/METADATA", $"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: MIT License\n\nA long text.\nName: not-this\n");

    public static (string Path, string? Text) R(string name, string version) =>
        ($"usr/lib/R/site-library/{name}/DESCRIPTION", $"Package: {name}\nVersion: {version}\nLicense: GPL (>= 2)\nBuilt: R 4.2.2; ; 2023-01-01; unix\n");

    private static byte[] Packed(byte[] plain, Func<Stream, Stream> packer)
    {
        using var memory = new MemoryStream();
        using (var packing = packer(memory))
            packing.Write(plain);
        return memory.ToArray();
    }
}
