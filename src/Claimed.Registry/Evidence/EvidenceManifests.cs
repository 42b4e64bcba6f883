using System.Text;
using System.Text.Json;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Evidence;

/// <summary>
/// Lays signed statements beside an image in two ways: as referrers, which every client of OCI 1.1 finds, and under the tags where cosign looks.
/// Only blobs are stored here.
/// </summary>
internal sealed class EvidenceManifests(IBlobStore blobs, ImageStore images, string repository, string reference)
{
    private const string Envelope = "application/vnd.dsse.envelope.v1+json";
    private const string SimpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json";
    private const string Signature = "dev.cosignproject.cosign/signature";

    // What others have laid there may be any number.
    private const int MostLayers = 100;

    private static readonly byte[] Empty = "{}"u8.ToArray();

    public async Task<IReadOnlyList<AttachedManifest>> MakeAsync(string image, IReadOnlyList<SignedDocument> documents, EvidenceKey key, CancellationToken cancellation)
    {
        var made = new List<AttachedManifest>();
        // It was just pushed, or was there before.
        if (await images.FindManifestAsync(repository, image, cancellation) is not { } subject)
            return made;
        foreach (var document in documents)
            made.Add(await ReferrerAsync(subject, document, cancellation));
        made.Add(await CosignAsync(AttachedTags.Of(image, AttachedTags.Attestations), [.. documents.Select(LayerOf)], cancellation));
        var payload = Encoding.UTF8.GetBytes(Json.Write(new
        {
            Critical = new Dictionary<string, object>
            {
                ["identity"] = new Dictionary<string, string> { ["docker-reference"] = reference },
                ["image"] = new Dictionary<string, string> { ["docker-manifest-digest"] = image },
                ["type"] = "cosign container image signature",
            },
            Optional = new Dictionary<string, string>(),
        }));
        await blobs.PutAsync(Digest.Of(payload), payload, cancellation);
        made.Add(await CosignAsync(AttachedTags.Of(image, AttachedTags.Signatures),
            [new Layer(SimpleSigning, Digest.Of(payload), payload.Length, new Dictionary<string, string> { [Signature] = Convert.ToBase64String(key.Sign(payload)) })], cancellation));
        return made;
    }

    private static Layer LayerOf(SignedDocument document) => new(Envelope, document.Digest, document.Bytes.Length, new Dictionary<string, string>
    {
        // cosign reads the signature of an attestation from its envelope; the name has to be there.
        [Signature] = "",
        ["predicateType"] = document.PredicateType,
    });

    private async Task<AttachedManifest> ReferrerAsync(StoredManifest subject, SignedDocument document, CancellationToken cancellation)
    {
        await blobs.PutAsync(Digest.Of(Empty), Empty, cancellation);
        return await StoreAsync(new
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciManifest,
            document.ArtifactType,
            Config = new Layer("application/vnd.oci.empty.v1+json", Digest.Of(Empty), Empty.Length, null),
            Layers = new[] { new Layer(Envelope, document.Digest, document.Bytes.Length, null) },
            Subject = new Layer(subject.MediaType, subject.Digest, subject.Size, null),
            Annotations = new Dictionary<string, string> { ["in-toto.io/predicate-type"] = document.PredicateType },
        }, null, cancellation);
    }

    /// <summary>What is under the tag already stays: others may have attested something, and another version may have the same image.</summary>
    private async Task<AttachedManifest> CosignAsync(string tag, IReadOnlyList<Layer> layers, CancellationToken cancellation)
    {
        List<Layer> all = [.. layers.Concat(await LayersAsync(tag, cancellation)).DistinctBy(layer => layer.Digest).Take(MostLayers)];
        var config = Encoding.UTF8.GetBytes(Json.Write(new
        {
            Architecture = "",
            Os = "",
            Config = new Dictionary<string, string>(),
            // Property names of a dictionary stay as they are.
            Rootfs = new Dictionary<string, object> { ["type"] = "layers", ["diff_ids"] = all.Select(layer => layer.Digest) },
        }));
        await blobs.PutAsync(Digest.Of(config), config, cancellation);
        return await StoreAsync(new
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciManifest,
            Config = new Layer("application/vnd.oci.image.config.v1+json", Digest.Of(config), config.Length, null),
            Layers = all,
        }, tag, cancellation);
    }

    private async Task<IReadOnlyList<Layer>> LayersAsync(string tag, CancellationToken cancellation)
    {
        if (await images.FindManifestAsync(repository, tag, cancellation) is not { } known)
            return [];
        try
        {
            using var manifest = JsonDocument.Parse(await blobs.ReadAllAsync(known.Digest, cancellation));
            return manifest.RootElement.TryGetProperty("layers", out var layers) ? layers.Deserialize<List<Layer>>(Json.Options)! : [];
        }
        catch (Exception odd) when (odd is JsonException or BlobLostException)
        {
            return [];
        }
    }

    private async Task<AttachedManifest> StoreAsync<T>(T manifest, string? tag, CancellationToken cancellation)
    {
        var bytes = Encoding.UTF8.GetBytes(Json.Write(manifest));
        var digest = Digest.Of(bytes);
        await blobs.PutAsync(digest, bytes, cancellation);
        return new AttachedManifest(digest, bytes.Length, ManifestReader.Read(bytes, MediaTypes.OciManifest), tag);
    }

    private sealed record Layer(string MediaType, string Digest, long Size, IReadOnlyDictionary<string, string>? Annotations);
}
