using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Claimed.Registry.Access;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Builds.Engine;

/// <summary>Puts an image that was read from an engine into the store. The same layers become the same bytes each time, so the store has them once.</summary>
public sealed class StoreDelivery(IBlobStore blobs, ImageChanges changes, NamespaceQuota quota, IOptions<RegistryOptions> registry, TimeProvider clock)
{
    private const int BufferBytes = 256 * 1024;
    private const int MostKnown = 10_000;
    private const string ConfigType = "application/vnd.oci.image.config.v1+json";
    private const string LayerType = "application/vnd.oci.image.layer.v1.tar";
    private static readonly TimeSpan CallerLifetime = TimeSpan.FromHours(1);

    // Layers that this process has stored, by their digest unpacked.
    private readonly ConcurrentDictionary<string, StoredLayer> _known = new(StringComparer.Ordinal);

    private sealed record StoredLayer(string Digest, long Size, string MediaType);

    /// <summary>Stores the image under a tag.</summary>
    /// <param name="saved">The engine's archive of it.</param>
    /// <returns>Digest of its manifest.</returns>
    /// <exception cref="BuildFailedException">The namespace has no room for it.</exception>
    /// <exception cref="EngineUnavailableException">The archive broke off or is not what it should be.</exception>
    public async Task<string> StoreAsync(string repository, string tag, Stream saved, Action<string> log, CancellationToken cancellation)
    {
        try
        {
            await using var archive = await ReadAsync(saved, log, cancellation);
            var layers = new List<StoredLayer>();
            for (var index = 0; index < archive.DiffIds.Count; index++)
                layers.Add(await LayerAsync(repository, archive, index, log, cancellation));
            return await ManifestAsync(repository, tag, archive.Config, layers, cancellation);
        }
        catch (OciRefusedException refused)
        {
            throw new BuildFailedException($"The image could not be stored in {repository}: {refused.Message}");
        }
        catch (BlobLostException lost)
        {
            throw new EngineUnavailableException($"A layer was collected while the image was being stored: {lost.Message}", lost);
        }
        catch (Exception odd) when (odd is InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException or EndOfStreamException)
        {
            throw new EngineUnavailableException($"The engine's archive of the image cannot be used: {odd.Message}", odd);
        }
        catch (Exception cut) when (cut is HttpRequestException || (cut is IOException && !StorageFaults.IsFull(cut)))
        {
            throw new EngineUnavailableException($"The container engine went away while the image was read from it: {EngineFaults.Innermost(cut)}", cut);
        }
    }

    private async Task<ImageArchive> ReadAsync(Stream saved, Action<string> log, CancellationToken cancellation)
    {
        log("Reading the image from the engine\n");
        return await ImageArchive.ReadAsync(saved, BuildContext.CreateFile(BuildContext.FolderOf(registry.Value)), () => log(""), cancellation);
    }

    private async Task<StoredLayer> LayerAsync(string repository, ImageArchive archive, int index, Action<string> log, CancellationToken cancellation)
    {
        var diffId = archive.DiffIds[index];
        var name = $"{diffId[7..19]}: ";
        if (_known.TryGetValue(diffId, out var known) && await blobs.TouchAsync(known.Digest, cancellation))
        {
            await changes.AddBlobAsync(repository, known.Digest, known.Size, cancellation);
            log(name + "Layer already exists\n");
            return known;
        }
        var path = blobs.TemporaryPath("layer-" + Guid.CreateVersion7().ToString("N"));
        try
        {
            await using var content = archive.OpenLayer(index);
            var layer = await PackAsync(content, path, diffId, () => log(""), cancellation);
            var isThere = await blobs.TouchAsync(layer.Digest, cancellation);
            if (!isThere)
            {
                if (await quota.RefusalAsync(repository, layer.Digest, layer.Size, cancellation) is { } full)
                    throw new OciRefusedException(full);
                await blobs.AdoptAsync(layer.Digest, path, cancellation);
            }
            await changes.AddBlobAsync(repository, layer.Digest, layer.Size, cancellation);
            log(name + (isThere ? "Layer already exists\n" : "Stored\n"));
            if (_known.Count >= MostKnown)
                _known.Clear();
            return _known[diffId] = layer;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Writes a layer as the store is to have it: compressed, unless the engine has it so.</summary>
    private static async Task<StoredLayer> PackAsync(Stream content, string path, string diffId, Action alive, CancellationToken cancellation)
    {
        using var plain = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var packed = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new HashedWriting(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes, FileOptions.Asynchronous), packed);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var count = await content.ReadAtLeastAsync(buffer, 4, throwOnEndOfStream: false, cancellation);
            var (suffix, isPacked) = buffer.AsSpan(0, count) switch
            {
                [0x1f, 0x8b, ..] => ("+gzip", true),
                [0x28, 0xb5, 0x2f, 0xfd, ..] => ("+zstd", true),
                _ => ("+gzip", false),
            };
            await using (var target = isPacked ? (Stream)file : new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
            {
                for (; count > 0; count = await content.ReadAsync(buffer, cancellation))
                {
                    plain.AppendData(buffer, 0, count);
                    await target.WriteAsync(buffer.AsMemory(0, count), cancellation);
                    alive();
                }
                await target.FlushAsync(cancellation);
                if (!isPacked && Digest.Text(HashAlgorithmName.SHA256, plain.GetHashAndReset()) != diffId)
                    throw new InvalidDataException($"a layer in it is not {diffId}");
            }
            return new StoredLayer(Digest.Text(HashAlgorithmName.SHA256, packed.GetHashAndReset()), file.Written, LayerType + suffix);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<string> ManifestAsync(string repository, string tag, ReadOnlyMemory<byte> config, List<StoredLayer> layers, CancellationToken cancellation)
    {
        var configDigest = Digest.Of(config.Span);
        await blobs.PutAsync(configDigest, config, cancellation);
        await changes.AddBlobAsync(repository, configDigest, config.Length, cancellation);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = MediaTypes.OciManifest,
            config = new { mediaType = ConfigType, digest = configDigest, size = (long)config.Length },
            layers = layers.Select(layer => new { mediaType = layer.MediaType, digest = layer.Digest, size = layer.Size }),
        });
        var digest = Digest.Of(bytes);
        await blobs.PutAsync(digest, bytes, cancellation);
        var ticket = new PushTicket(repository, tag, (clock.GetUtcNow() + CallerLifetime).ToUnixTimeSeconds());
        await changes.PutManifestAsync(Caller.OfBuild(ticket), repository, digest, bytes.Length, ManifestReader.Read(bytes, MediaTypes.OciManifest), [tag], cancellation);
        return digest;
    }

    /// <summary>Hashes and counts what is written.</summary>
    private sealed class HashedWriting(FileStream file, IncrementalHash hash) : Stream
    {
        public long Written { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Written;

        public override long Position { get => Written; set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            hash.AppendData(buffer.Span);
            Written += buffer.Length;
            await file.WriteAsync(buffer, cancellationToken);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            Written += buffer.Length;
            file.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => file.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => file.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override ValueTask DisposeAsync() => file.DisposeAsync();
    }
}
