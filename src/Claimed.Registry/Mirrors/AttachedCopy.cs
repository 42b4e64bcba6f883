using System.Text.Json;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Mirrors;

/// <summary>
/// Fetches what is said of an image: its referrers, and the tags by which clients find it that know no referrers. Only blobs are stored here. What cannot be
/// had of it is left out: the image is whole without.
/// </summary>
internal sealed class AttachedCopy(Origin origin, ImageCopy images, IBlobStore blobs, IOptions<ImageOptions> options)
{
    private const int MostManifests = 50;
    private const long MostBytes = 16 << 20;
    private static readonly string[] Kinds = [AttachedTags.Attestations, AttachedTags.Signatures, ".sbom"];

    /// <param name="left">Told of what is left out.</param>
    public async Task<IReadOnlyList<AttachedManifest>> FetchAsync(string repository, string image, Action<string> left, CancellationToken cancellation)
    {
        var found = new List<AttachedManifest>();
        foreach (var digest in await ReferrersAsync(repository, image, left, cancellation))
            await AddAsync(digest, null);
        foreach (var tag in Kinds.Select(kind => AttachedTags.Of(image, kind)))
            await AddAsync(tag, tag);
        return found;

        async Task AddAsync(string reference, string? tag)
        {
            try
            {
                if (await FetchAsync(repository, image, reference, tag, cancellation) is { } one)
                    found.Add(one);
            }
            catch (Exception refused) when (refused is RefusedCopyException or OciRefusedException)
            {
                left($"{reference} of {repository} is left out: {refused.Message}");
            }
        }
    }

    private async Task<IReadOnlyList<string>> ReferrersAsync(string repository, string image, Action<string> left, CancellationToken cancellation)
    {
        try
        {
            var index = await origin.JsonAsync<JsonElement>($"v2/{repository}/referrers/{image}", options.Value.MaxManifestBytes, cancellation);
            return index.ValueKind == JsonValueKind.Object && index.TryGetProperty("manifests", out var manifests) && manifests.ValueKind == JsonValueKind.Array
                ? [.. manifests.EnumerateArray().Select(DigestOf).OfType<string>().Distinct(StringComparer.Ordinal).Take(MostManifests)]
                : [];
        }
        catch (RefusedCopyException refused)
        {
            left($"what refers to {repository}@{image} is left out: {refused.Message}");
            return [];
        }
    }

    private static string? DigestOf(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("digest", out var digest) && digest.ValueKind == JsonValueKind.String && Digest.IsKnown(digest.GetString()!) ? digest.GetString() : null;

    private async Task<AttachedManifest?> FetchAsync(string repository, string image, string reference, string? tag, CancellationToken cancellation)
    {
        if (await origin.ManifestAsync(repository, reference, options.Value.MaxManifestBytes, cancellation) is not var (bytes, type))
            return null;
        var manifest = ManifestReader.Read(bytes, type);
        // An index may list anything as a referrer; what lies under the tags has no subject.
        if (manifest.Config is not { } config || (tag is null && manifest.Subject != image))
            throw new RefusedCopyException("it says nothing of that image.");
        foreach (var blob in manifest.Layers.Prepend(config).DistinctBy(blob => blob.Digest))
        {
            if (blob.IsOutside || blob.Size > MostBytes)
                throw new RefusedCopyException($"its part {blob.Digest} lies elsewhere, or has more than {MostBytes} bytes.");
            await images.FetchAsync(repository, blob, cancellation);
        }
        var digest = reference.Contains(':') ? reference : Digest.Of(bytes);
        await blobs.PutAsync(digest, bytes, cancellation);
        return new AttachedManifest(digest, bytes.Length, manifest, tag);
    }
}
