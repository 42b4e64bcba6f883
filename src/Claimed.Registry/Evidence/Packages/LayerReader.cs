using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Claimed.Registry.Evidence.Packages;

/// <summary>Reads a layer as it lies in the store: a tar archive, mostly packed. Nothing of it is unpacked to disk, and nothing is run.</summary>
internal static class LayerReader
{
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";
    private const int MaxRecords = 100_000;
    private const int MaxHidden = 100_000;

    // Packers that want more memory for looking back are not heard; the format's own tools stop here, too.
    private const int MaxZstdWindow = 27;

    /// <param name="mostBytes">Of the unpacked layer.</param>
    /// <param name="bounds">Of what it names.</param>
    /// <exception cref="InvalidDataException">It is no layer, or larger than the bound.</exception>
    public static async Task<LayerContents> ReadAsync(Stream blob, long mostBytes, PackageBounds bounds, CancellationToken cancellation)
    {
        var records = new Dictionary<string, PackageRecord>(StringComparer.Ordinal);
        var (hidden, emptied) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var allowance = new PackageAllowance(bounds);
        await using var plain = await UnpackAsync(blob, cancellation);
        var walk = new TarWalk(plain, mostBytes);
        while (await walk.NextAsync(cancellation) is { } part)
        {
            if (part.Path is not { Length: > 0 } path)
                continue;
            var name = path[(path.LastIndexOf('/') + 1)..];
            if (name == Opaque)
                emptied.Add(path.Length == name.Length ? "" : path[..^(name.Length + 1)]);
            else if (name.StartsWith(Whiteout, StringComparison.Ordinal))
                hidden.Add(path[..^name.Length] + name[Whiteout.Length..]);
            else if (part.Type == '0' && PackageFiles.MostBytes(path) is { } most)
                records[path] = await RecordAsync(walk, path, most, allowance, cancellation);
            else if (part is { Type: '1', Target: { } target } && PackageFiles.MostBytes(path) is not null && records.TryGetValue(target, out var same))
            {
                // It takes no memory of its own, and counts for the list.
                allowance.Count(same.Packages.Count, 0);
                records[path] = same;
            }
            else if (part.Type is '2' && (PackageFiles.MostBytes(path) is not null || PackageFiles.MayHide(path)))
                hidden.Add(path);
            if (records.Count > MaxRecords || allowance.IsSpent || hidden.Count + emptied.Count > MaxHidden)
                throw new InvalidDataException("it names more packages than any image has");
        }
        return new LayerContents(records, hidden, emptied);
    }

    private static async Task<PackageRecord> RecordAsync(TarWalk walk, string path, int most, PackageAllowance allowance, CancellationToken cancellation)
    {
        if (!PackageFiles.IsRead(path))
            return PackageFiles.Unread(path);
        if (await walk.ReadAsync(most, cancellation) is not { } content)
            return new PackageRecord([], $"The file /{path} is larger than {most >> 20} MiB and is not read: its packages are not in this list.");
        try
        {
            return PackageFiles.Read(path, content, allowance, cancellation);
        }
        catch (InvalidDataException broken)
        {
            return new PackageRecord([], $"The file /{path} cannot be read ({broken.Message}): its packages are not in this list.");
        }
    }

    /// <summary>By the first bytes: media types say less, and not always the truth.</summary>
    private static async Task<Stream> UnpackAsync(Stream blob, CancellationToken cancellation)
    {
        var first = new byte[4];
        var count = await blob.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancellation);
        blob.Position = 0;
        if (count >= 2 && first is [0x1f, 0x8b, ..])
            return new GZipStream(blob, CompressionMode.Decompress);
        if (count < 4 || first is not [0x28, 0xb5, 0x2f, 0xfd])
            return blob;
        var zstd = new DecompressionStream(blob, leaveOpen: false);
        zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxZstdWindow);
        return zstd;
    }
}
