using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Evidence.Packages;

/// <summary>An image of one platform, and what is in it.</summary>
/// <param name="Platform"><c>os/architecture</c> where an index says so.</param>
public sealed record ListedImage(string Digest, string? Platform, ImagePackages Packages);

/// <summary>Lists the packages of images from the layers in our store. What cannot be read is said in the list; it never fails a build.</summary>
public sealed class PackageListing(IBlobStore blobs, IOptions<EvidenceOptions> options, TimeProvider clock) : IDisposable
{
    private const int MaxDepth = 3;

    private readonly LayerMemory _known = new(options.Value.LayerMemoryBytes);

    // One layer at a time: of two builds on a new base the second finds what the first has read, and their memory does not add up.
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>The images of an index, or the one of a manifest.</summary>
    /// <param name="active">Called while it goes on.</param>
    public async Task<IReadOnlyList<ListedImage>> ListAsync(StoredManifest image, Action active, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Value.ListingTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var listed = new List<ListedImage>();
        await ListAsync(image.Digest, image.MediaType, null, listed, 0, active, either.Token, cancellation);
        return listed;
    }

    /// <summary>How many layers of this one have been read before.</summary>
    internal bool Knows(string layer) => _known.Find(layer) is not null;

    private async Task ListAsync(
        string digest, string mediaType, string? platform, List<ListedImage> listed, int depth, Action active, CancellationToken limit, CancellationToken cancellation)
    {
        var manifest = ManifestReader.Read(await blobs.ReadAllAsync(digest, cancellation), mediaType);
        // An index may list what is said of an image, which is none itself.
        foreach (var entry in manifest.Manifests.Where(entry => entry.Platform != "unknown/unknown" && depth < MaxDepth))
            await ListAsync(entry.Digest, entry.MediaType, entry.Platform, listed, depth + 1, active, limit, cancellation);
        if (MediaTypes.IsIndex(manifest.MediaType))
            return;
        var layers = new List<(string, LayerContents)>();
        foreach (var layer in manifest.Layers)
        {
            layers.Add((layer.Digest, await LayerAsync(layer, limit, cancellation)));
            active();
        }
        listed.Add(new ListedImage(digest, platform, ImagePackages.Of(layers)));
    }

    private async Task<LayerContents> LayerAsync(ImageDescriptor layer, CancellationToken limit, CancellationToken cancellation)
    {
        if (_known.Find(layer.Digest) is { } known)
            return known;
        try
        {
            await _turn.WaitAsync(limit);
            try
            {
                if (_known.Find(layer.Digest) is { } read)
                    return read;
                await using var blob = await blobs.OpenAsync(layer.Digest, limit);
                if (blob is null)
                    return LayerContents.Unreadable(layer.IsOutside ? "it is to be had elsewhere alone" : "it is not in the store");
                var contents = await ReadAsync(blob, limit);
                _known.Keep(layer.Digest, contents);
                return contents;
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return LayerContents.Unreadable($"reading took longer than {options.Value.ListingTimeout.TotalSeconds:0} seconds (Evidence__ListingTimeout)");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return LayerContents.Unreadable($"the store cannot read it ({fault.Message})");
        }
    }

    private async Task<LayerContents> ReadAsync(Stream blob, CancellationToken limit)
    {
        try
        {
            return await LayerReader.ReadAsync(blob, options.Value.MaxLayerBytes, limit);
        }
        catch (Exception broken) when (broken is InvalidDataException or ZstdSharp.ZstdException)
        {
            return LayerContents.Unreadable(broken.Message.TrimEnd('.'));
        }
    }

    public void Dispose() => _turn.Dispose();
}
