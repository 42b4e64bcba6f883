using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Claimed.Components.Renditions;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Catalogs.Mlx;

/// <summary>The definition of a component under its label, alone or in an archive.</summary>
internal static class MlxDefinition
{
    // The same bytes each time, whoever packs them when.
    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch;

    public static async Task<string> ReadAsync(MlxComponent found, IBlobStore blobs, RegistryUrls urls, CancellationToken cancellation) =>
        ElyraText.Named(await NoticedForm.ReadElyraAsync(found.Component, found.Version, blobs, urls, cancellation), found.Label);

    /// <summary>A tar.gz with nothing but the definition in it.</summary>
    public static async Task<byte[]> PackAsync(MlxComponent found, string definition)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        await using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, $"{found.Component.Name}.yaml")
            {
                ModificationTime = Time,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(definition)),
            });
        }
        return packed.ToArray();
    }
}
