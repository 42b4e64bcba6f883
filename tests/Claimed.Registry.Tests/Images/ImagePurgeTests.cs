using System.Net;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>What a purge takes out of the image store.</summary>
public sealed class ImagePurgeTests : IAsyncLifetime
{
    private const string Secret = "LAYER-OF-A-PATIENT";
    private readonly ShiftedClock _clock = new();
    private ImageHost _images = null!;

    public ValueTask InitializeAsync()
    {
        _images = new ImageHost { Adjust = builder => builder.Services.AddSingleton<TimeProvider>(_clock) };
        return _images.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _images.DisposeAsync();

    [Fact]
    public async Task An_image_of_the_namespace_goes_with_the_index_over_it_and_other_images_stay()
    {
        await PublishAsync("imaged", "clinic/side");
        await _images.PushImageAsync("clinic/side", "other", "harmless layer");
        await PushIndexAsync("clinic/side", "both", ImageHost.ImageOf(Encoding.UTF8.GetBytes(Secret)), ImageHost.ImageOf("harmless layer"u8.ToArray()));
        await PurgeAsync("imaged");
        foreach (var gone in new[] { $"blobs/{LayerOf(Secret)}", "manifests/base", "manifests/both" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"/v2/clinic/side/{gone}"));
        foreach (var stays in new[] { $"blobs/{LayerOf("harmless layer")}", "manifests/other" })
            Assert.Equal(HttpStatusCode.OK, await StatusAsync($"/v2/clinic/side/{stays}"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_images.Registry.DataPath, "blobs"), "*", SearchOption.AllDirectories))
            Assert.DoesNotContain(Secret, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_another_version_has_or_another_namespace_stays()
    {
        await PublishAsync("one", "clinic/shared");
        await PublishAsync("two", "clinic/shared");
        await PurgeAsync("one");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"/v2/clinic/shared/blobs/{LayerOf(Secret)}"));
        await PublishAsync("three", "elsewhere/image");
        await PurgeAsync("three");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/v2/elsewhere/image/manifests/base"));
    }

    private async Task PublishAsync(string name, string repository)
    {
        await _images.PushImageAsync(repository, "base", Secret);
        var source = Samples.ExistingImage(name, $"{_images.Registry.Address.Authority}/{repository}:base");
        Assert.Equal("ready", (await _images.Registry.PublishAsync("clinic", name, "1.0.0", ("component.yaml", source)))["state"]);
    }

    private async Task PurgeAsync(string name)
    {
        _clock.Shift += TimeSpan.FromSeconds(15);
        Assert.Equal(HttpStatusCode.OK, (await _images.Admin.JsonAsync(HttpMethod.Post, $"/api/v1/components/clinic/{name}/versions/1.0.0/purge", new { reason = "test" })).Status);
    }

    private async Task PushIndexAsync(string repository, string tag, params byte[][] manifests) => Assert.Equal(HttpStatusCode.Created,
        (await _images.PutManifestAsync(repository, tag, ImageHost.IndexOf(manifests.Select(manifest => ImageHost.EntryOf(manifest))), MediaTypes.OciIndex)).StatusCode);

    private async Task<HttpStatusCode> StatusAsync(string path) => (await _images.Registry.GetAsync(path)).Status;

    private static string LayerOf(string content) => Digest.Of(Encoding.UTF8.GetBytes(content));
}
