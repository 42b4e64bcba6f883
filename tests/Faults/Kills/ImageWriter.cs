using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Faults.Kills;

/// <summary>A client that pushes images with what refers to them, moves a tag, and deletes some of it again, until the registry dies.</summary>
public sealed class ImageWriter(RegistryProcess registry, string repository, string name, Progress progress)
{
    private static readonly byte[] _config = """{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();

    /// <summary>What the registry has promised this client.</summary>
    public ImagePromises Promises { get; } = new();

    public async Task WriteUntilCutAsync()
    {
        try
        {
            for (var number = 0; ; number++)
                await WriteAsync(number);
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException or TaskCanceledException)
        {
            // The registry was killed, which is what this waits for.
        }
    }

    private async Task WriteAsync(int number)
    {
        var layers = (byte[][])[LayerOf($"{name} {number} first", 200_000), LayerOf($"{name} {number} second", 30_000)];
        await PushBlobAsync(_config, inChunks: false, isShared: true);
        await PushBlobAsync(layers[0], inChunks: true);
        await PushBlobAsync(layers[1], inChunks: false);
        var image = ManifestOf(layers, "");
        var digest = Digest.Of(image);
        await PutAsync($"{name}-{number}", image, Tag($"{name}-{number}", digest), At(digest, digest));
        await PutAsync($"{name}-moving", image, Tag($"{name}-moving", digest));
        var signature = ManifestOf(layers, $$""","artifactType":"a/signature","subject":{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{digest}}","size":{{image.Length}}}""");
        var signed = Digest.Of(signature);
        await PutAsync(signed, signature, At(signed, signed), (ImagePromises.Referrer(repository, digest, signed), signed));
        if (number % 2 == 1)
        {
            await DeleteAsync(ImagePromises.Manifest(repository, $"{name}-{number}"), Tag($"{name}-{number}", null));
            return;
        }
        if (number % 4 == 0)
            return;
        // The signature, then the image with its tags, then what only they needed.
        await DeleteAsync(ImagePromises.Manifest(repository, signed), At(signed, null), (ImagePromises.Referrer(repository, digest, signed), null));
        await DeleteAsync(ImagePromises.Manifest(repository, digest), At(digest, null), Tag($"{name}-{number}", null), Tag($"{name}-moving", null));
        await DeleteAsync(ImagePromises.Blob(repository, Digest.Of(layers[0])), (ImagePromises.Blob(repository, Digest.Of(layers[0])), null));
    }

    private (string, string?) Tag(string tag, string? digest) => (ImagePromises.Manifest(repository, tag), digest);

    private (string, string?) At(string reference, string? digest) => (ImagePromises.Manifest(repository, reference), digest);

    /// <param name="isShared">Others push it, too, and nobody deletes it.</param>
    private async Task PushBlobAsync(byte[] bytes, bool inChunks, bool isShared = false)
    {
        var (start, digest) = ($"v2/{repository}/blobs/uploads/", Digest.Of(bytes));
        (string, string?)[] promised = isShared ? [] : [(ImagePromises.Blob(repository, digest), digest)];
        if (!inChunks)
        {
            await Promises.KeepAsync(() => SendAsync(HttpMethod.Post, $"{start}?digest={digest}", bytes, HttpStatusCode.Created), promised);
            return;
        }
        var at = (await SendAsync(HttpMethod.Post, start, [], HttpStatusCode.Accepted)).Headers.Location!.OriginalString;
        await SendAsync(HttpMethod.Patch, at, bytes[..(bytes.Length / 2)], HttpStatusCode.Accepted);
        await Promises.KeepAsync(() => SendAsync(HttpMethod.Put, $"{at}?digest={digest}", bytes[(bytes.Length / 2)..], HttpStatusCode.Created), promised);
    }

    private Task PutAsync(string reference, byte[] manifest, params (string, string?)[] promised) =>
        Promises.KeepAsync(() => SendAsync(HttpMethod.Put, ImagePromises.Manifest(repository, reference), manifest, HttpStatusCode.Created, MediaTypes.OciManifest), promised);

    private Task DeleteAsync(string path, params (string, string?)[] promised) =>
        Promises.KeepAsync(() => SendAsync(HttpMethod.Delete, path, [], HttpStatusCode.Accepted), promised);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, byte[] body, HttpStatusCode status, string type = "application/octet-stream")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var request = new HttpRequestMessage(method, path) { Content = content };
        var answer = await registry.Admin.SendAsync(request);
        Assert.True(answer.StatusCode == status, $"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        progress.Step();
        return answer;
    }

    private static byte[] LayerOf(string word, int length)
    {
        var bytes = new byte[length];
        var seed = Encoding.UTF8.GetBytes(word);
        for (var index = 0; index < length; index++)
            bytes[index] = (byte)(seed[index % seed.Length] + (index >> 8));
        return bytes;
    }

    private static byte[] ManifestOf(byte[][] layers, string more) => Encoding.UTF8.GetBytes(
        $$"""
        {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
         "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest.Of(_config)}}","size":{{_config.Length}}},
         "layers":[{{string.Join(',', layers.Select(layer => $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{Digest.Of(layer)}}","size":{{layer.Length}}}"""))}}]{{more}}}
        """);
}
