using System.Net;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Versions;
using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>From when the grace of a collection counts; the registry's clock goes on by hours.</summary>
public sealed class GraceTests : IAsyncLifetime
{
    private const string Preview = "1.1.0-rc.1";
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);
    private static readonly TimeSpan Long = TimeSpan.FromHours(2);

    private readonly ShiftedClock _clock = new();
    private readonly string _repository = ImageHost.NewRepository();
    private ImageHost _images = null!;

    public ValueTask InitializeAsync()
    {
        _images = new ImageHost { Adjust = builder => builder.Services.AddSingleton<TimeProvider>(_clock) };
        return _images.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _images.DisposeAsync();

    [Fact]
    public async Task A_manifest_that_is_pushed_again_has_a_new_grace_by_its_row_alone()
    {
        var manifest = await _images.ManifestAsync(_repository);
        await PutAsync(Digest.Of(manifest), manifest);
        await _clock.PassAsync(Long, _images.Registry);
        await PutAsync(Digest.Of(manifest), manifest);
        // As if the collection had looked at the bytes just before.
        AgeBytes(Digest.Of(manifest));
        await CollectAsync();
        await AssertThereAsync(Digest.Of(manifest));
    }

    [Fact]
    public async Task What_a_tag_named_stays_for_the_grace_after_the_tag_went_on_to_another()
    {
        var former = await _images.PushImageAsync(_repository, "v1", "former");
        await _clock.PassAsync(Long, _images.Registry);
        var next = await _images.PushImageAsync(_repository, "v1", "next");
        await CollectAsync();
        await AssertThereAsync(former);
        await _clock.PassAsync(Long, _images.Registry);
        await CollectAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"manifests/{former}"));
        await AssertThereAsync(next);
    }

    [Fact]
    public async Task What_a_tag_named_stays_for_the_grace_after_the_tag_was_deleted()
    {
        var former = await _images.PushImageAsync(_repository, "v1", "former");
        await _clock.PassAsync(Long, _images.Registry);
        Assert.Equal(HttpStatusCode.Accepted, (await _images.Admin.DeleteAsync($"/v2/{_repository}/manifests/v1")).StatusCode);
        await CollectAsync();
        await AssertThereAsync(former);
        await _clock.PassAsync(Long, _images.Registry);
        await CollectAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"manifests/{former}"));
    }

    [Fact]
    public async Task What_a_tag_named_stays_for_the_grace_after_a_rule_took_the_tag()
    {
        var former = await _images.PushImageAsync(_repository, "pr-1", "former");
        await _images.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/namespaces/acme", new { retention = new[] { new { tags = "pr-*", keepFor = "1h" } } });
        await _clock.PassAsync(Long, _images.Registry);
        await CollectAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("manifests/pr-1"));
        await AssertThereAsync(former);
    }

    [Fact]
    public async Task Layers_stay_for_the_grace_after_their_manifest_was_deleted()
    {
        var manifest = await _images.PushImageAsync(_repository, "v1", "its layer");
        await _clock.PassAsync(Long, _images.Registry);
        Assert.Equal(HttpStatusCode.Accepted, (await _images.Admin.DeleteAsync($"/v2/{_repository}/manifests/{manifest}")).StatusCode);
        await CollectAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"blobs/{Digest.Of("its layer")}"));
        await _clock.PassAsync(Long, _images.Registry);
        await CollectAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"blobs/{Digest.Of("its layer")}"));
    }

    [Fact]
    public async Task A_push_that_found_its_layers_here_ends_well_although_a_version_with_them_expired_meanwhile()
    {
        await _images.PushImageAsync(_repository, "base", "shared layer");
        await PublishAsync("base");
        var manifest = await _images.Anonymous.GetByteArrayAsync($"/v2/{_repository}/manifests/base");
        await _images.Admin.DeleteAsync($"/v2/{_repository}/manifests/base");
        await _clock.PassAsync(Long, _images.Registry);
        await ExpireAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"manifests/{Digest.Of(manifest)}"));
        await CollectAsync();
        await PutAsync("again", manifest);
        await _images.Registry.AssertCountedAsync("acme");
    }

    [Fact]
    public async Task What_somebody_tagged_stays_when_the_index_that_lists_it_expires()
    {
        var (tagged, untagged) = (await _images.ManifestAsync(_repository, "tagged"), await _images.ManifestAsync(_repository, "untagged"));
        await PutAsync("mine", tagged);
        await PutAsync(Digest.Of(untagged), untagged);
        var index = ImageHost.IndexOf(ImageHost.EntryOf(tagged), ImageHost.EntryOf(untagged));
        Assert.Equal(HttpStatusCode.Created, (await _images.PutManifestAsync(_repository, "all", index, MediaTypes.OciIndex)).StatusCode);
        var signature = await _images.ManifestAsync(_repository, "signature", $$""","subject":{"mediaType":"{{MediaTypes.OciIndex}}","digest":"{{Digest.Of(index)}}","size":{{index.Length}}}""");
        await PutAsync("signed", signature);
        await PublishAsync("all");
        await _images.Admin.DeleteAsync($"/v2/{_repository}/manifests/all");
        await _clock.PassAsync(Long, _images.Registry);
        await ExpireAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"manifests/{Digest.Of(index)}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"manifests/{Digest.Of(untagged)}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("manifests/mine"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("manifests/signed"));
    }

    /// <summary>A pre-release for an hour, whose image is the one that the tag of its own repository names.</summary>
    private async Task PublishAsync(string tag)
    {
        var name = _repository.Split('/')[1];
        var source = Samples.ExistingImage(name, $"{_images.Registry.Address.Authority}/{_repository}:{tag}");
        Assert.Equal("ready", (await _images.Registry.PublishAsync("acme", name, Preview, new Multipart().Source("component.yaml", source).Field("expires", "1h")))["state"]);
    }

    private async Task ExpireAsync() =>
        Assert.Equal(1, (await _images.Registry.Services.GetRequiredService<VersionExpiry>().CollectAsync(countOnly: false, CancellationToken.None)).Count);

    private async Task PutAsync(string reference, byte[] manifest) =>
        Assert.Equal(HttpStatusCode.Created, (await _images.PutManifestAsync(_repository, reference, manifest)).StatusCode);

    private Task<IReadOnlyList<Collected>?> CollectAsync() =>
        _images.Registry.Services.GetRequiredService<GarbageCollection>().RunAsync(Grace, countOnly: false, CancellationToken.None);

    private async Task AssertThereAsync(string manifest) => Assert.Equal(HttpStatusCode.OK, await StatusAsync($"manifests/{manifest}"));

    private async Task<HttpStatusCode> StatusAsync(string path) => (await _images.Anonymous.GetAsync($"/v2/{_repository}/{path}")).StatusCode;

    private void AgeBytes(string digest) =>
        File.SetLastWriteTimeUtc(Path.Combine(_images.Registry.DataPath, "blobs", "sha256", digest[7..9], digest[7..]), _clock.GetUtcNow().UtcDateTime - Long);
}
