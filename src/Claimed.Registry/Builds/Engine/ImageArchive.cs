using System.Buffers;
using System.Formats.Tar;
using System.Text.Json;

namespace Claimed.Registry.Builds.Engine;

/// <summary>
/// An image as an engine saves it: Docker's own layout, the OCI layout of newer ones, or Podman's. All have a <c>manifest.json</c> that
/// names the configuration and the layers, but it may come last, so the archive lies in a file while it is read.
/// </summary>
internal sealed class ImageArchive : IAsyncDisposable
{
    /// <summary>Configurations and lists are read whole.</summary>
    private const long MostJson = 16 << 20;
    private const int BufferBytes = 256 * 1024;

    private readonly FileStream _file;
    private readonly Dictionary<string, (long Offset, long Length)> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    private ImageArchive(FileStream file) => _file = file;

    /// <summary>Its configuration, byte for byte: the image id is its digest.</summary>
    public ReadOnlyMemory<byte> Config { get; private set; }

    /// <summary>Digests of the layers, unpacked, from the lowest.</summary>
    public IReadOnlyList<string> DiffIds { get; private set; } = [];

    private IReadOnlyList<string> LayerNames { get; set; } = [];

    /// <param name="file">Gets the archive, and is closed with it.</param>
    /// <param name="alive">Told as bytes come.</param>
    /// <exception cref="InvalidDataException">It is no archive of one image.</exception>
    public static async Task<ImageArchive> ReadAsync(Stream source, FileStream file, Action alive, CancellationToken cancellation)
    {
        var archive = new ImageArchive(file);
        try
        {
            await CopyAsync(source, file, alive, cancellation);
            file.Position = 0;
            await archive.ListAsync(cancellation);
            archive.Understand();
            return archive;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>The bytes of a layer as the engine has them, from the lowest.</summary>
    public Stream OpenLayer(int index)
    {
        var (offset, length) = Find(LayerNames[index]);
        return new FilePart(_file.SafeFileHandle, offset, length);
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private static async Task CopyAsync(Stream source, FileStream file, Action alive, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await source.ReadAsync(buffer, cancellation) is var count and > 0)
            {
                await file.WriteAsync(buffer.AsMemory(0, count), cancellation);
                alive();
            }
            await file.FlushAsync(cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task ListAsync(CancellationToken cancellation)
    {
        await using var tar = new TarReader(_file, leaveOpen: true);
        while (await tar.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
        {
            var name = entry.Name.TrimStart('.', '/');
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                _entries[name] = (entry.DataOffset, entry.Length);
            else if (entry.EntryType == TarEntryType.SymbolicLink)
                _links[name] = Resolve(name, entry.LinkName);
        }
    }

    private void Understand()
    {
        var (config, layers) = _entries.ContainsKey("manifest.json") ? OfManifest(Json("manifest.json")) : OfIndex(Json("index.json"));
        Config = Bytes(config);
        LayerNames = layers;
        DiffIds = [.. JsonElement.Parse(Config.Span).GetProperty("rootfs").GetProperty("diff_ids").EnumerateArray().Select(id => id.GetString()!)];
        if (DiffIds.Count != LayerNames.Count)
            throw new InvalidDataException($"its configuration has {DiffIds.Count} layers and its list {LayerNames.Count}");
    }

    private static (string Config, string[] Layers) OfManifest(JsonElement manifests) => manifests is { ValueKind: JsonValueKind.Array } && manifests.GetArrayLength() == 1
        ? (manifests[0].GetProperty("Config").GetString()!, [.. manifests[0].GetProperty("Layers").EnumerateArray().Select(layer => layer.GetString()!)])
        : throw new InvalidDataException("it holds more or less than one image");

    private (string Config, string[] Layers) OfIndex(JsonElement index)
    {
        while (index.TryGetProperty("manifests", out var manifests))
            index = Json(BlobOf(manifests[0]));
        return (BlobOf(index.GetProperty("config")), [.. index.GetProperty("layers").EnumerateArray().Select(BlobOf)]);
    }

    private static string BlobOf(JsonElement descriptor) => "blobs/" + descriptor.GetProperty("digest").GetString()!.Replace(':', '/');

    private JsonElement Json(string name) => JsonElement.Parse(Bytes(name));

    private byte[] Bytes(string name)
    {
        var (offset, length) = Find(name);
        if (length > MostJson)
            throw new InvalidDataException($"{name} in it has {length} bytes");
        var bytes = new byte[length];
        using var part = new FilePart(_file.SafeFileHandle, offset, length);
        part.ReadExactly(bytes);
        return bytes;
    }

    private (long Offset, long Length) Find(string name)
    {
        for (var hops = 0; hops < 8; hops++)
        {
            if (_entries.TryGetValue(name, out var found))
                return found;
            if (!_links.TryGetValue(name, out name!))
                break;
        }
        throw new InvalidDataException("a file of the image is missing in it");
    }

    private static string Resolve(string link, string target)
    {
        var parts = link.Split('/')[..^1].ToList();
        foreach (var part in target.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not (".." or "." or ""))
                parts.Add(part);
        }
        return string.Join('/', parts);
    }

    /// <summary>A piece of the file, read without moving it.</summary>
    private sealed class FilePart(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, long length) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => _read; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var count = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, length - _read)], offset + _read);
            _read += count;
            return count;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await RandomAccess.ReadAsync(file, buffer[..(int)Math.Min(buffer.Length, length - _read)], offset + _read, cancellationToken);
            _read += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
