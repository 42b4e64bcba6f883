using System.Net;
using System.Security.Cryptography;
using Claimed.Registry.Storage;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Many clients at the same things: nobody gets a fault, and whatever is acknowledged is whole.</summary>
public sealed class AtOnceTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    [Fact]
    public async Task The_same_blob_from_eight_clients_is_stored_once_and_read_whole_meanwhile()
    {
        var bytes = RandomNumberGenerator.GetBytes(400_000);
        var digest = Digest.Of(bytes);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
        {
            // Half of them in parts, and half into a repository of their own.
            var repository = number < 4 ? _repository : $"{_repository}/own-{number}";
            if (number % 2 == 0)
            {
                await host.PushBlobAsync(repository, bytes);
            }
            else
            {
                var url = await host.StartUploadAsync(repository);
                await host.Admin.SendAsync(ImageHost.Chunk(HttpMethod.Patch, url, bytes[..150_000], "0-149999"));
                Assert.Equal(HttpStatusCode.Created, (await host.Admin.PutAsync($"{url}?digest={digest}", ImageHost.Bytes(bytes[150_000..]))).StatusCode);
            }
            for (var read = 0; read < 5; read++)
                Assert.Equal(digest, Digest.Of(await host.Anonymous.GetByteArrayAsync($"/v2/{repository}/blobs/{digest}")));
        })));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(host.Registry.DataPath, "blobs"), digest[7..], SearchOption.AllDirectories));
    }

    [Fact]
    public async Task While_four_push_an_image_and_delete_its_blobs_an_image_that_was_acknowledged_pulls_whole()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            for (var round = 0; round < 8; round++)
            {
                // All share one layer, which others delete whenever no image needs it.
                var manifest = await host.ManifestAsync(_repository, "shared", $",\"annotations\":{{\"of\":\"{number}\"}}");
                var put = await host.PutManifestAsync(_repository, $"tag-{number}", manifest);
                if (put.StatusCode == HttpStatusCode.Created)
                {
                    Assert.Equal(manifest, await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/manifests/tag-{number}"));
                    Assert.Equal("shared", await host.Anonymous.GetStringAsync($"/v2/{_repository}/blobs/{Digest.Of("shared")}"));
                    Assert.Equal(HttpStatusCode.Accepted, (await host.Admin.DeleteAsync($"/v2/{_repository}/manifests/{Digest.Of(manifest)}")).StatusCode);
                }
                else
                {
                    await ImageHost.AssertErrorAsync(put, HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
                }
                // Deleted, in use by another's image, or gone already.
                var deleted = await host.Admin.DeleteAsync($"/v2/{_repository}/blobs/{Digest.Of("shared")}");
                Assert.Contains(deleted.StatusCode, new[] { HttpStatusCode.Accepted, HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotFound });
            }
        })));
        var last = await host.PushImageAsync(_repository, "last", "shared");
        Assert.Equal(last, Digest.Of(await host.Anonymous.GetByteArrayAsync($"/v2/{_repository}/manifests/last")));
    }
}
