using System.Text;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Builds;

/// <summary>An image for one platform, as it lies in the repository.</summary>
internal sealed record PlatformImage(string Platform, string Digest);

/// <summary>Puts the images of several platforms under one digest.</summary>
public sealed class ImageIndexes(ImageStore store, ImageChanges changes, IBlobStore blobs, TimeProvider clock)
{
    /// <summary>Stores the index; the same images give the same one.</summary>
    /// <param name="tag">The tag of the build, so that nothing is collected before the version names it.</param>
    internal async Task<string> PutAsync(string repository, string tag, IEnumerable<PlatformImage> images, CancellationToken cancellation)
    {
        var entries = new List<object>();
        foreach (var image in images.OrderBy(image => image.Platform, StringComparer.Ordinal))
        {
            var manifest = await store.FindManifestAsync(repository, image.Digest, cancellation)
                ?? throw new EngineUnavailableException($"The image for {image.Platform} is not in the store any more; it is built again.");
            var parts = image.Platform.Split('/');
            entries.Add(new
            {
                mediaType = manifest.MediaType,
                digest = manifest.Digest,
                size = manifest.Size,
                platform = parts.Length == 3
                    ? new Dictionary<string, string> { ["architecture"] = parts[1], ["os"] = parts[0], ["variant"] = parts[2] }
                    : new Dictionary<string, string> { ["architecture"] = parts[1], ["os"] = parts[0] },
            });
        }
        var bytes = Encoding.UTF8.GetBytes(Json.Write(new { schemaVersion = 2, mediaType = MediaTypes.OciIndex, manifests = entries }));
        var digest = Digest.Of(bytes);
        var ends = clock.GetUtcNow().AddMinutes(1).ToUnixTimeSeconds();
        await PutAgain.RunAsync(async () =>
        {
            await blobs.PutAsync(digest, bytes, cancellation);
            await changes.PutManifestAsync(Caller.OfBuild(new PushTicket(repository, tag, ends)), repository, digest, bytes.Length,
                ManifestReader.Read(bytes, MediaTypes.OciIndex), [tag], cancellation);
        });
        return digest;
    }
}
