using System.Globalization;
using Claimed.Components.Sources;
using Claimed.Registry.Http;
using Claimed.Registry.Publish;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Mirrors;

/// <summary>
/// Fetches the files of a version: the origin's archive stays what it is, byte for byte, after it was unpacked as an upload is, within the same limits,
/// and its files were found to have the version's digest.
/// </summary>
internal sealed class BundleCopy(Origin origin, IBlobStore blobs, UploadMemory memory, IOptions<PublishOptions> options)
{
    // An archive of this registry is at most a little larger than the files in it.
    private const long Headers = 4096;

    /// <exception cref="RefusedCopyException">It is too large, or not what its digests say.</exception>
    public async Task<IReadOnlyList<SourceFile>> FetchAsync(VersionRecord record, string path, CancellationToken cancellation)
    {
        var limits = options.Value;
        var file = blobs.TemporaryPath(Origin.Temporary + Guid.CreateVersion7().ToString("N"));
        try
        {
            await origin.DownloadAsync(path, record.BundleBlob, limits.MaxUnpackedBytes + (limits.MaxFiles * Headers), file, mayRedirect: false, cancellation);
            var files = await ReadAsync(file, record, cancellation);
            await blobs.AdoptAsync(record.BundleBlob, file, cancellation);
            return files;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<IReadOnlyList<SourceFile>> ReadAsync(string path, VersionRecord record, CancellationToken cancellation)
    {
        using var share = memory.Begin();
        try
        {
            var files = new UploadFiles(options.Value, share);
            await using (var archive = File.OpenRead(path))
                await new BundleReader(files, () => throw new RefusedCopyException("its archive is no tar.gz")).ReadAsync(archive, cancellation);
            var list = files.ToList(unwrap: false);
            Demand(list, record);
            // Readers of this registry trust what it keeps: nothing may be in the archive that the look above passed over.
            await using var again = File.OpenRead(path);
            Demand(await Bundle.UnpackAsync(again, cancellation), record);
            return list;
        }
        catch (RefusedException refused)
        {
            throw new RefusedCopyException($"its files are not taken: {refused.Refusal.Detail}");
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new RefusedCopyException($"its archive cannot be read: {RecordCheck.Shown(broken.Message)}");
        }
    }

    private static void Demand(IReadOnlyList<SourceFile> files, VersionRecord record)
    {
        if (Bundle.DigestOf(files, record.Options) is var came && came != record.Facts.BundleDigest)
            throw new RefusedCopyException(string.Create(CultureInfo.InvariantCulture, $"its {files.Count} files have the bundle digest {came}, and the origin says {record.Facts.BundleDigest}"));
    }
}
