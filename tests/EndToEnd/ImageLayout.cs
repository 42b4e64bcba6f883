using System.Security.Cryptography;
using System.Text;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;

namespace Claimed.EndToEnd;

/// <summary>Images as folders in the OCI layout, as a build tool leaves them: nothing of them is built or downloaded.</summary>
internal static class ImageLayout
{
    /// <summary>Writes an image of one layer, which has these bytes and after them zeros that take no room, and returns the manifest's digest.</summary>
    public static async Task<string> WriteAsync(string folder, byte[] content, long zeros = 0)
    {
        var blobs = Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256")).FullName;
        var part = Path.Combine(folder, "layer");
        string layer;
        await using (var file = File.Create(part))
        {
            await file.WriteAsync(content);
            file.SetLength(content.Length + zeros);
            file.Position = 0;
            layer = Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
        }
        File.Move(part, Path.Combine(blobs, layer));
        var config = await PutAsync($$$"""{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:{{{layer}}}"]}}""");
        var manifest = await PutAsync(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{config.Digest}}","size":{{config.Size}}},
             "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:{{layer}}","size":{{content.Length + zeros}}}]}
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "index.json"),
            $$$"""
            {"schemaVersion":2,"manifests":[{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{manifest.Digest}}}","size":{{{manifest.Size}}},
             "annotations":{"org.opencontainers.image.ref.name":"image"}}]}
            """);
        return manifest.Digest;

        async Task<(string Digest, int Size)> PutAsync(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            await File.WriteAllBytesAsync(Path.Combine(blobs, Digest.Of(bytes)[7..]), bytes);
            return (Digest.Of(bytes), bytes.Length);
        }
    }

    /// <summary>As skopeo names it.</summary>
    public static string Reference(string folder) => $"oci:{folder}:image";
}
