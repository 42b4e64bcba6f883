using System.Net;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.Registry.Words;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Words;

/// <summary>A collection with next to no grace, again and again beside the one that serves as another process would do it, while publishers, pushers and mounters work.</summary>
public sealed class CollectionRaceTests(ImageHost images) : IClassFixture<ImageHost>
{
    private const int Rounds = 12;

    // Short beside the least that an operator may ask for, and long beside the time between a blob's last touch and the commit of its row.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    // One for each piece of work: a collection without a pause would keep the database from everybody else.
    private readonly SemaphoreSlim _worked = new(0);

    [Fact]
    public async Task A_collection_beside_publishers_and_pushers_takes_nothing_that_a_row_names()
    {
        using var working = new CancellationTokenSource();
        var collected = CollectAsync(working);
        try
        {
            await Task.WhenAll(PublishAsync("first"), PublishAsync("second"), PushAsync("acme/pushed"), PushAsync("acme/pushed"), MountAsync());
        }
        finally
        {
            await working.CancelAsync();
        }
        Assert.InRange(await collected, 2, int.MaxValue);
        var scrub = await WordRun.RunAsync(images.Registry.DataPath, "scrub");
        Assert.Contains("0 damaged, 0 missing", scrub.Succeeded(), StringComparison.Ordinal);
        await AssertAllPullAsync("acme/pushed");
        await AssertAllPullAsync("acme/mounted");
    }

    private async Task<int> CollectAsync(CancellationTokenSource working)
    {
        var settings = new Dictionary<string, string>(await TestDatabase.SettingsAsync(images.Registry.DataPath)) { ["Registry:DataPath"] = images.Registry.DataPath };
        await using var other = RegistryApp.Build([.. settings.Select(pair => $"--{pair.Key}={pair.Value}")]);
        var runs = 0;
        for (; runs < 2 || !working.IsCancellationRequested; runs++)
        {
            await WaitForWorkAsync(working.Token);
            Assert.NotNull(await other.Services.GetRequiredService<GarbageCollection>().RunAsync(Grace, countOnly: false, CancellationToken.None));
        }
        return runs;
    }

    private async Task WaitForWorkAsync(CancellationToken over)
    {
        try
        {
            await _worked.WaitAsync(over);
        }
        catch (OperationCanceledException)
        {
            // All work is done; what is left is one last collection.
        }
    }

    /// <summary>The same few words again and again under new numbers, so that bundles and forms are orphans, old and named in turn.</summary>
    private async Task PublishAsync(string name)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var answer = await images.Registry.PublishAsync("acme", name, $"1.{round}.0", ("component.yaml", Samples.ExistingImage($"word {round}")));
            Assert.Equal(HttpStatusCode.Created, answer.Status);
            await images.Registry.PublishAsync("acme", name, $"2.{round}.0", ("step.py", Samples.Script($"word {round % 3}")));
            _worked.Release();
        }
    }

    private async Task PushAsync(string repository)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var layer = Encoding.UTF8.GetBytes($"layer {round % 4}");
            await images.PushBlobAsync(repository, layer);
            await images.PushBlobAsync(repository, ImageHost.Config);
            await PutAsync(repository, $"v{round}", ImageHost.ImageOf(layer));
            // What this leaves without a tag is for the collection.
            await images.Admin.DeleteAsync($"/v2/{repository}/manifests/v{round - 2}");
            _worked.Release();
        }
    }

    private async Task MountAsync()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var layer = Encoding.UTF8.GetBytes($"layer {round % 4}");
            var answer = await images.Admin.PostAsync($"/v2/acme/mounted/blobs/uploads/?mount={Digest.Of(layer)}&from=acme/pushed", null);
            if (answer.StatusCode == HttpStatusCode.Accepted)
                await images.PushBlobAsync("acme/mounted", layer);
            await images.PushBlobAsync("acme/mounted", ImageHost.Config);
            await PutAsync("acme/mounted", $"v{round}", ImageHost.ImageOf(layer));
            _worked.Release();
        }
    }

    private async Task PutAsync(string repository, string tag, byte[] manifest)
    {
        var answer = await images.PutManifestAsync(repository, tag, manifest);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }

    private async Task AssertAllPullAsync(string repository)
    {
        var tags = (await images.Anonymous.SendAsync(HttpMethod.Get, $"/v2/{repository}/tags/list")).Json.GetProperty("tags").EnumerateArray().ToList();
        Assert.NotEmpty(tags);
        foreach (var tag in tags)
        {
            var manifest = await images.Anonymous.SendAsync(HttpMethod.Get, $"/v2/{repository}/manifests/{tag.GetString()}");
            Assert.Equal(HttpStatusCode.OK, manifest.Status);
            foreach (var digest in ManifestReader.Read(manifest.Bytes, MediaTypes.OciManifest).NeededBlobs)
                Assert.Equal(digest, Digest.Of(await images.Anonymous.GetByteArrayAsync($"/v2/{repository}/blobs/{digest}")));
        }
    }
}
