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
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);
    private static readonly LayerContents BeyondBounds = LayerContents.Unreadable("the layers before it name as much as one list takes");

    private readonly LayerMemory _known = new(options.Value.LayerMemoryBytes);

    // One layer at a time: of two builds on a new base the second finds what the first has read, and their memory does not add up.
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Of one layer, and of everything that one list says.</summary>
    internal PackageBounds Bounds { get; init; } = PackageBounds.Usual;

    /// <summary>What one list still may take.</summary>
    private sealed class Left(TimeSpan time, PackageBounds bounds)
    {
        /// <summary>For reading; waiting for other lists does not count.</summary>
        public TimeSpan Time { get; set; } = time;

        public long Bytes { get; set; } = bounds.Bytes;

        public int Packages { get; set; } = bounds.Packages;
    }

    /// <summary>The images of an index, or the one of a manifest.</summary>
    /// <param name="active">Called while it goes on.</param>
    public async Task<IReadOnlyList<ListedImage>> ListAsync(StoredManifest image, Action active, CancellationToken cancellation)
    {
        var listed = new List<ListedImage>();
        await ListAsync(image.Digest, image.MediaType, null, listed, 0, active, new Left(options.Value.ListingTimeout, Bounds), cancellation);
        return listed;
    }

    /// <summary>How many layers of this one have been read before.</summary>
    internal bool Knows(string layer) => _known.Find(layer) is not null;

    private async Task ListAsync(
        string digest, string mediaType, string? platform, List<ListedImage> listed, int depth, Action active, Left left, CancellationToken cancellation)
    {
        var manifest = ManifestReader.Read(await blobs.ReadAllAsync(digest, cancellation), mediaType);
        // An index may list what is said of an image, which is none itself.
        foreach (var entry in manifest.Manifests.Where(entry => entry.Platform != "unknown/unknown" && depth < MaxDepth))
            await ListAsync(entry.Digest, entry.MediaType, entry.Platform, listed, depth + 1, active, left, cancellation);
        if (MediaTypes.IsIndex(manifest.MediaType))
            return;
        var layers = new List<(string, LayerContents)>();
        foreach (var layer in manifest.Layers)
        {
            // A manifest may name thousands of layers, each of them within its bound.
            var contents = left.Bytes < 0 ? BeyondBounds : await LayerAsync(layer, active, left, cancellation);
            left.Bytes -= contents.Weight;
            layers.Add((layer.Digest, left.Bytes < 0 ? BeyondBounds : contents));
            active();
        }
        var packages = ImagePackages.Of(layers).Within(left.Packages);
        left.Packages -= packages.Packages.Count;
        listed.Add(new ListedImage(digest, platform, packages));
    }

    private async Task<LayerContents> LayerAsync(ImageDescriptor layer, Action active, Left left, CancellationToken cancellation)
    {
        if (_known.Find(layer.Digest) is { } known)
            return known;
        try
        {
            while (!await _turn.WaitAsync(Wait, cancellation))
                active();
            var begun = clock.GetTimestamp();
            try
            {
                return _known.Find(layer.Digest) ?? await InTurnAsync(layer, left.Time, cancellation);
            }
            finally
            {
                left.Time -= clock.GetElapsedTime(begun);
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

    private async Task<LayerContents> InTurnAsync(ImageDescriptor layer, TimeSpan time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(time > TimeSpan.Zero ? time : TimeSpan.Zero, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        await using var blob = await blobs.OpenAsync(layer.Digest, either.Token);
        if (blob is null)
            return LayerContents.Unreadable(layer.IsOutside ? "it is to be had elsewhere alone" : "it is not in the store");
        var contents = await ReadAsync(blob, either.Token);
        _known.Keep(layer.Digest, contents);
        return contents;
    }

    private async Task<LayerContents> ReadAsync(Stream blob, CancellationToken limit)
    {
        try
        {
            return await LayerReader.ReadAsync(blob, options.Value.MaxLayerBytes, Bounds, limit);
        }
        catch (Exception broken) when (broken is InvalidDataException or ZstdSharp.ZstdException)
        {
            return LayerContents.Unreadable(broken.Message.TrimEnd('.'));
        }
    }

    public void Dispose() => _turn.Dispose();
}
