using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Images;

/// <summary>A tag beside an image, and the manifest under it.</summary>
public sealed record AttachedUse(string Image, string Tag, string Manifest);

/// <summary>What stays under the tags beside an image of two versions when one of them goes: the same manifests without what they say of that one.</summary>
public sealed class AttachedRest(IBlobStore blobs)
{
    /// <summary>The tags, of images that are in the repository, whose manifests need one of these blobs.</summary>
    public static async Task<IReadOnlyList<AttachedUse>> UsesAsync(Change change, string repository, IReadOnlyCollection<string> without)
    {
        if (without.Count == 0 || await change.LockRepositoryAsync(repository) is not { } id)
            return [];
        var named = await change.Db.Tags.Where(tag => tag.RepositoryId == id && change.Db.ImageReferences.Any(row => row.RepositoryId == id && row.ManifestDigest == tag.ManifestDigest && without.Contains(row.Digest)))
            .Select(tag => new { tag.Name, tag.ManifestDigest }).ToListAsync(change.Cancellation);
        var standing = await AttachedTags.StandingAsync(change.Db, id, named.Select(tag => tag.Name), change.Cancellation);
        return [.. named.Where(tag => standing.Contains(tag.Name)).Select(tag => new AttachedUse(AttachedTags.ImageOf(tag.Name)!, tag.Name, tag.ManifestDigest))];
    }

    /// <summary>The manifest without the layers that are these blobs. Only blobs are stored here.</summary>
    /// <returns>Null when nothing of it is left.</returns>
    public async Task<AttachedManifest?> MakeAsync(AttachedUse use, IReadOnlyCollection<string> without, CancellationToken cancellation)
    {
        if (await ReadAsync(use.Manifest, cancellation) is not { } manifest || manifest["layers"] is not JsonArray layers || manifest["config"]?["digest"]?.GetValue<string>() is not { } known)
            return null;
        var config = await ReadAsync(known, cancellation);
        var parts = config?["rootfs"]?["diff_ids"] as JsonArray;
        if (parts?.Count != layers.Count)
            parts = null;
        for (var layer = layers.Count - 1; layer >= 0; layer--)
        {
            // One that the disk has lost would keep the version from ever being purged.
            if (layers[layer]?["digest"]?.GetValue<string>() is { } digest && !without.Contains(digest) && await blobs.FindAsync(digest, cancellation) is not null)
                continue;
            layers.RemoveAt(layer);
            parts?.RemoveAt(layer);
        }
        if (layers.Count == 0 || config is null)
            return null;
        var described = await StoreAsync(config, cancellation);
        (manifest["config"]!["digest"], manifest["config"]!["size"]) = (Digest.Of(described), described.Length);
        var bytes = await StoreAsync(manifest, cancellation);
        return new AttachedManifest(Digest.Of(bytes), bytes.Length, ManifestReader.Read(bytes, manifest["mediaType"]?.GetValue<string>() ?? MediaTypes.OciManifest), use.Tag);
    }

    private async Task<byte[]> StoreAsync(JsonObject text, CancellationToken cancellation)
    {
        var bytes = Encoding.UTF8.GetBytes(Http.Json.Write(text));
        await blobs.PutAsync(Digest.Of(bytes), bytes, cancellation);
        return bytes;
    }

    /// <summary>Null for what is lost or no object: others may have laid it there.</summary>
    private async Task<JsonObject?> ReadAsync(string digest, CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse(await blobs.ReadAllAsync(digest, cancellation)) as JsonObject;
        }
        catch (Exception odd) when (odd is JsonException or BlobLostException)
        {
            return null;
        }
    }
}
