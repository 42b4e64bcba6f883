using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Claimed.Components.Sources;

namespace Claimed.Registry.Storage;

/// <summary>The identity of what was published, and its files as one deterministic archive.</summary>
public static class Bundle
{
    // Most are: a component is a few kilobytes of text.
    private const long Small = 1024 * 1024;

    /// <summary>
    /// <c>sha256:…</c> over the sorted (path, executable bit, sha256 of content) and the options that shape the result:
    /// packing the same files again, in any archive, gives the same digest.
    /// </summary>
    public static string DigestOf(IReadOnlyList<SourceFile> files, IReadOnlyDictionary<string, string> shaping)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(params ReadOnlySpan<string> parts)
        {
            foreach (var part in parts)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(part));
                hash.AppendData([0]);
            }
        }
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
            Add("file", file.Path, file.Executable ? "x" : "-", Convert.ToHexStringLower(SHA256.HashData(file.Content.Span)));
        foreach (var (name, value) in shaping.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Add("option", name, value);
        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// Stores the files as tar.gz and returns its digest: sorted, no owners, no times, so that the same files give the same bytes. A large
    /// one is written to a file: its files are in memory already, and that is enough.
    /// </summary>
    public static async Task<string> StoreAsync(IBlobStore blobs, IReadOnlyList<SourceFile> files, CancellationToken cancellation)
    {
        if (files.Sum(file => (long)file.Content.Length) <= Small)
        {
            using var packed = new MemoryStream();
            await PackAsync(packed, files, cancellation);
            var bytes = packed.GetBuffer().AsMemory(0, (int)packed.Length);
            var name = Digest.Of(bytes.Span);
            await blobs.PutAsync(name, bytes, cancellation);
            return name;
        }
        var path = blobs.TemporaryPath("bundle-" + Guid.CreateVersion7().ToString("N"));
        try
        {
            var digest = await Task.Run(() => WriteAsync(path, files, cancellation), cancellation);
            await blobs.AdoptAsync(digest, path, cancellation);
            return digest;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<string> WriteAsync(string path, IReadOnlyList<SourceFile> files, CancellationToken cancellation)
    {
        // Not asynchronous: the system has no such writes to files, and the runtime would hand each to another thread.
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.None);
        await PackAsync(file, files, cancellation);
        file.Position = 0;
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static async Task PackAsync(Stream target, IReadOnlyList<SourceFile> files, CancellationToken cancellation)
    {
        await using var gzip = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true);
        await WriteTarAsync(gzip, files, cancellation);
    }

    public static async Task WriteTarAsync(Stream target, IReadOnlyList<SourceFile> files, CancellationToken cancellation)
    {
        await using var tar = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            const UnixFileMode plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead;
            const UnixFileMode run = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, file.Path)
            {
                Mode = file.Executable ? plain | run : plain,
                ModificationTime = DateTimeOffset.UnixEpoch,
                DataStream = StreamOf(file.Content),
            }, cancellation);
        }
    }

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> content) => MemoryMarshal.TryGetArray(content, out var bytes)
        ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
        : new MemoryStream(content.ToArray(), writable: false);

    /// <summary>Reads back what <see cref="StoreAsync"/> wrote.</summary>
    public static async Task<IReadOnlyList<SourceFile>> UnpackAsync(Stream archive, CancellationToken cancellation)
    {
        var files = new List<SourceFile>();
        await using var gzip = new GZipStream(archive, CompressionMode.Decompress);
        await using var tar = new TarReader(gzip);
        while (await tar.GetNextEntryAsync(copyData: true, cancellation) is { } entry)
        {
            using var content = new MemoryStream();
            if (entry.DataStream is { } data)
                await data.CopyToAsync(content, cancellation);
            files.Add(new SourceFile(entry.Name, content.ToArray(), entry.Mode.HasFlag(UnixFileMode.UserExecute)));
        }
        return files;
    }
}
