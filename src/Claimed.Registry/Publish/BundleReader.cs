using System.Formats.Tar;
using System.IO.Compression;
using Claimed.Registry.Http;

namespace Claimed.Registry.Publish;

/// <summary>Unpacks a .tar.gz or .zip entry by entry, trusting nothing that the archive says about itself.</summary>
internal sealed class BundleReader(UploadFiles files, Func<Stream> temporary)
{
    // A list of entries costs memory before the first of them is looked at.
    private const int EntriesPerFile = 8;

    private static ReadOnlySpan<byte> CentralRecord => "PK\u0001\u0002"u8;

    /// <summary>Whether a file that begins so is one that <see cref="ReadAsync"/> unpacks.</summary>
    public static bool IsArchive(ReadOnlySpan<byte> begin) => IsGzip(begin) || IsZip(begin);

    private static bool IsGzip(ReadOnlySpan<byte> begin) => begin is [0x1f, 0x8b, ..];

    private static bool IsZip(ReadOnlySpan<byte> begin) => begin is [(byte)'P', (byte)'K', ..];

    /// <summary>A tar is unpacked as it arrives; a zip has its list at the end, so it goes into a temporary file first.</summary>
    public async Task ReadAsync(Stream archive, CancellationToken cancellation)
    {
        var magic = new byte[2];
        var got = await archive.ReadAtLeastAsync(magic, 2, throwOnEndOfStream: false, cancellation);
        await using var whole = new BegunStream(magic.AsMemory(0, got), archive);
        try
        {
            if (IsGzip(magic.AsSpan(0, got)))
                await ReadTarAsync(whole, cancellation);
            else if (IsZip(magic.AsSpan(0, got)))
                await ReadZipAsync(whole, cancellation);
            else
                throw UploadRefusal.BadArchive("The part bundle is neither a gzip-compressed tar nor a zip: pack it with \"tar czf bundle.tgz FILES\".");
        }
        // The libraries have many words for an archive that is none; what they read is all they know.
        catch (Exception broken) when (broken is not (RefusedException or OperationCanceledException or IOException or OutOfMemoryException)
            || broken is InvalidDataException or EndOfStreamException)
        {
            throw UploadRefusal.BadArchive($"The archive is damaged or cut off: {broken.Message}");
        }
    }

    private async Task ReadTarAsync(Stream archive, CancellationToken cancellation)
    {
        await using var unzipped = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
        // Headers, folders and what is left out count too: they cost time to unpack, and compress a thousandfold.
        await using var bounded = new BoundedStream(unzipped, files.MaxArchiveBytes,
            () => UploadRefusal.TooLarge("The archive unpacks to more than this registry takes. Leave out what the component does not need at run time."), new TarGuard());
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

    private async Task ReadZipAsync(Stream archive, CancellationToken cancellation)
    {
        const int typeMask = 0xF000, regularFile = 0x8000, ownerExecute = 0x40;
        await using var file = temporary();
        await archive.CopyToAsync(file, cancellation);
        if (await CountAsync(file, cancellation) > files.MaxFiles * EntriesPerFile)
            throw UploadRefusal.TooLarge($"The archive has far more entries than the {files.MaxFiles} files of an upload.");
        file.Position = 0;
        using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
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

    /// <summary>How many records of entries the file can have at most: each begins with the same four bytes.</summary>
    private static async Task<int> CountAsync(Stream file, CancellationToken cancellation)
    {
        file.Position = 0;
        var buffer = new byte[64 * 1024];
        var (count, kept) = (0, 0);
        int read;
        while ((read = await file.ReadAsync(buffer.AsMemory(kept), cancellation)) > 0)
        {
            var bytes = buffer.AsSpan(0, kept + read);
            count += bytes.Count(CentralRecord);
            kept = Math.Min(CentralRecord.Length - 1, bytes.Length);
            bytes[^kept..].CopyTo(buffer);
        }
        return count;
    }
}
