using System.Formats.Tar;
using System.IO.Compression;

namespace Claimed.Registry.Publish;

/// <summary>Unpacks a .tar.gz or .zip into memory, entry by entry, trusting nothing that the archive says about itself.</summary>
internal static class BundleReader
{
    public static async Task ReadAsync(Stream archive, UploadFiles files, CancellationToken cancellation)
    {
        var magic = new byte[2];
        var got = await archive.ReadAtLeastAsync(magic, 2, throwOnEndOfStream: false, cancellation);
        archive.Position = 0;
        try
        {
            if (got == 2 && magic is [0x1f, 0x8b])
                await ReadTarAsync(archive, files, cancellation);
            else if (got == 2 && magic is [(byte)'P', (byte)'K'])
                await ReadZipAsync(archive, files, cancellation);
            else
                throw UploadRefusal.BadArchive("The part bundle is neither a gzip-compressed tar nor a zip: pack it with \"tar czf bundle.tgz FILES\".");
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or NotSupportedException)
        {
            throw UploadRefusal.BadArchive($"The archive is damaged or cut off: {broken.Message}");
        }
    }

    private static async Task ReadTarAsync(Stream archive, UploadFiles files, CancellationToken cancellation)
    {
        await using var unzipped = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
        // Headers, folders and what is left out count too: they cost time to unpack, and compress a thousandfold.
        await using var bounded = new BoundedStream(unzipped, files.MaxArchiveBytes,
            () => UploadRefusal.TooLarge("The archive unpacks to more than this registry takes. Leave out what the component does not need at run time."));
        await using var tar = new TarReader(bounded, leaveOpen: true);
        while (await tar.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
        {
            switch (entry.EntryType)
            {
                case TarEntryType.Directory or TarEntryType.DirectoryList or TarEntryType.GlobalExtendedAttributes:
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                    await files.AddAsync(entry.Name, entry.DataStream ?? Stream.Null, entry.Mode.HasFlag(UnixFileMode.UserExecute), null, cancellation);
                    break;
                default:
                    throw UploadRefusal.BadPath(entry.Name, $"is a {entry.EntryType}; only files and folders can be published.");
            }
        }
    }

    private static async Task ReadZipAsync(Stream archive, UploadFiles files, CancellationToken cancellation)
    {
        const int typeMask = 0xF000, regularFile = 0x8000, ownerExecute = 0x40;
        using var zip = new ZipArchive(archive, ZipArchiveMode.Read, leaveOpen: true);
        foreach (var entry in zip.Entries)
        {
            if (entry.FullName.EndsWith('/'))
                continue;
            var mode = entry.ExternalAttributes >> 16;
            if ((mode & typeMask) is not (0 or regularFile))
                throw UploadRefusal.BadPath(entry.FullName, "is a link or a device; only files and folders can be published.");
            if (entry.IsEncrypted)
                throw UploadRefusal.BadArchive($"\"{entry.FullName}\" is encrypted. Pack the bundle without a password.");
            await using var content = await entry.OpenAsync(cancellation);
            await files.AddAsync(entry.FullName, content, (mode & ownerExecute) != 0, entry.Crc32, cancellation);
        }
    }
}
