using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Claimed.TestKit;

/// <summary>Bundles as people pack them, and as nobody should.</summary>
public static class Archives
{
    public static byte[] TarGz(params (string Path, string Text)[] files) =>
        TarGz([.. files.Select(file => File(file.Path, Encoding.UTF8.GetBytes(file.Text)))]);

    /// <summary>Entries exactly as given: paths and links are not looked at.</summary>
    public static byte[] TarGz(params TarEntry[] entries)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Pax))
        {
            foreach (var entry in entries)
                tar.WriteEntry(entry);
        }
        return memory.ToArray();
    }

    public static PaxTarEntry File(string path, byte[] content) =>
        new(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) };

    public static PaxTarEntry Link(TarEntryType type, string path, string target) => new(type, path) { LinkName = target };

    public static PaxTarEntry Special(TarEntryType type, string path) => new(type, path);

    public static byte[] Zip(params (string Path, string Text)[] files) => Zip(0, files);

    /// <param name="unixMode">File type and permissions of every entry, as zip stores them for Unix.</param>
    public static byte[] Zip(int unixMode, params (string Path, string Text)[] files)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                var entry = zip.CreateEntry(path, CompressionLevel.SmallestSize);
                entry.ExternalAttributes = unixMode << 16;
                using var content = entry.Open();
                content.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return memory.ToArray();
    }
}
