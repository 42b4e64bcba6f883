using System.Reflection;
using System.Text;
using Claimed.Registry.Evidence;
using Claimed.Registry.Evidence.Packages;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;
using Xunit;

namespace Claimed.Registry.Tests.Evidence;

/// <summary>What the list of one image takes, whatever its layers name, and whoever else lists.</summary>
public sealed class ListingBoundsTests
{
    private readonly Dictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _gates = new(StringComparer.Ordinal);
    private readonly HandClock _clock = new();

    [Fact]
    public async Task An_image_has_no_more_packages_in_its_list_than_one_layer_may_and_the_list_says_so()
    {
        var image = ImageOf(Layer("one", 3), Layer("two", 3), Layer("three", 3));
        var listed = Assert.Single(await Listing(new PackageBounds(5, 1_000_000)).ListAsync(image, () => { }, CancellationToken.None));
        Assert.Equal(5, listed.Packages.Packages.Count);
        Assert.Equal("The image names 9 packages, which is more than one list takes: 4 are not in it.", Assert.Single(listed.Packages.Notes));
    }

    [Fact]
    public async Task Layers_that_take_more_memory_together_than_one_may_are_named_as_not_read()
    {
        var (first, second, third) = (Layer("one", 3), Layer("two", 3), Layer("three", 3));
        var listed = Assert.Single(await Listing(new PackageBounds(100, 2000)).ListAsync(ImageOf(first, second, third), () => { }, CancellationToken.None));
        Assert.Equal(["one-0", "one-1", "one-2"], listed.Packages.Packages.Select(package => package.Name));
        Assert.Equal([Digest.Of(second), Digest.Of(third)], listed.Packages.Notes.Select(note => note.Split(' ')[2]));
        Assert.All(listed.Packages.Notes, note => Assert.Contains("is not read: the layers before it name as much as one list takes", note, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Waiting_for_another_list_takes_nothing_of_the_time_for_reading()
    {
        var (slow, quick) = (Layer("slow", 1), Layer("quick", 1));
        var gate = new TaskCompletionSource();
        _gates[Digest.Of(slow)] = gate.Task;
        using var listing = Listing(PackageBounds.Usual);
        var first = listing.ListAsync(ImageOf(slow), () => { }, CancellationToken.None);
        var second = listing.ListAsync(ImageOf(quick), () => { }, CancellationToken.None);
        _clock.EndAll();
        gate.SetResult();
        Assert.Contains("reading took longer than 300 seconds", Assert.Single(Assert.Single(await first).Packages.Notes), StringComparison.Ordinal);
        var listed = Assert.Single(await second).Packages;
        Assert.Equal("quick-0", Assert.Single(listed.Packages).Name);
        Assert.Empty(listed.Notes);
    }

    private PackageListing Listing(PackageBounds bounds) => new(BlobsAlone.Of(_blobs, _gates), Options.Create(new EvidenceOptions()), _clock) { Bounds = bounds };

    private static byte[] Layer(string name, int packages) => LayerSamples.Gzip([.. Enumerable.Range(0, packages).Select(number => LayerSamples.Python($"{name}-{number}", "1.0", "lib"))]);

    private StoredManifest ImageOf(params byte[][] layers)
    {
        foreach (var layer in layers)
            _blobs[Digest.Of(layer)] = layer;
        var manifest = Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest.Of("config")}}","size":6},
             "layers":[{{string.Join(',', layers.Select(layer => $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{{Digest.Of(layer)}}","size":{{layer.Length}}}"""))}}]}
            """);
        _blobs[Digest.Of(manifest)] = manifest;
        return new StoredManifest(Digest.Of(manifest), MediaTypes.OciManifest, manifest.Length);
    }

    /// <summary>A store in which everything can be opened, some of it later, and nothing else be done.</summary>
    public class BlobsAlone : DispatchProxy
    {
        private IReadOnlyDictionary<string, byte[]> _blobs = null!;
        private IReadOnlyDictionary<string, Task> _gates = null!;

        public static IBlobStore Of(IReadOnlyDictionary<string, byte[]> blobs, IReadOnlyDictionary<string, Task> gates)
        {
            var store = Create<IBlobStore, BlobsAlone>();
            ((BlobsAlone)(object)store)._blobs = blobs;
            ((BlobsAlone)(object)store)._gates = gates;
            return store;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod is { Name: nameof(IBlobStore.OpenAsync) } && args is [string digest, ..]
            ? new ValueTask<Stream?>(OpenAsync(digest)) : throw new NotSupportedException(targetMethod?.Name);

        private async Task<Stream?> OpenAsync(string digest)
        {
            await _gates.GetValueOrDefault(digest, Task.CompletedTask);
            return new MemoryStream(_blobs[digest], writable: false);
        }
    }

    /// <summary>Times end when a test says so.</summary>
    private sealed class HandClock : TimeProvider
    {
        private readonly List<(TimerCallback Callback, object? State)> _timers = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add((callback, state));
            return new Silent();
        }

        public void EndAll()
        {
            foreach (var (callback, state) in _timers.ToArray())
                callback(state);
        }

        private sealed class Silent : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
