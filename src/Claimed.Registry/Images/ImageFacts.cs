using System.Text.Json;

namespace Claimed.Registry.Images;

/// <summary>What people and builds want to know of an image; empty where its configuration says nothing or is none of an image.</summary>
/// <param name="Digest">Of the manifest or index that was asked for.</param>
/// <param name="Size">Bytes that a pull moves: manifest, config and layers.</param>
/// <param name="Platforms"><c>os/architecture[/variant]</c>; several for an index.</param>
/// <param name="User">As the image sets it; empty means root.</param>
public sealed record ImageFacts(
    string Digest, string MediaType, long Size, IReadOnlyList<ImageDescriptor> Layers, IReadOnlyList<string> Platforms,
    IReadOnlyList<string> Entrypoint, IReadOnlyList<string> Command, IReadOnlyList<string> Environment, string User, string WorkingDirectory,
    IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>The platform that an index is described by.</summary>
    public const string UsualPlatform = "linux/amd64";

    /// <summary>A larger configuration is not read: anyone who may push chooses it.</summary>
    public const long MaxConfigBytes = 4 * 1024 * 1024;

    private static readonly JsonSerializerOptions Form = new() { PropertyNameCaseInsensitive = true };

    public static bool IsImageConfig(string mediaType) =>
        mediaType is "application/vnd.oci.image.config.v1+json" or "application/vnd.docker.container.image.v1+json";

    /// <param name="config">The configuration's bytes; null for artifacts that have none.</param>
    public static ImageFacts Read(StoredManifest stored, Manifest manifest, ReadOnlyMemory<byte>? config)
    {
        var size = stored.Size + (manifest.Config?.Size ?? 0) + manifest.Layers.Sum(layer => layer.Size);
        var image = config is { } bytes ? ReadConfig(bytes) : null;
        var run = image?.Config;
        string[] platform = [image?.Os ?? "", image?.Architecture ?? "", image?.Variant ?? ""];
        return new ImageFacts(stored.Digest, stored.MediaType, size, manifest.Layers,
            image is null ? [] : [string.Join('/', platform.Where(part => part.Length > 0))],
            run?.Entrypoint ?? [], run?.Cmd ?? [], run?.Env ?? [], run?.User ?? "", run?.WorkingDir ?? "", run?.Labels ?? []);
    }

    private static ConfigFile? ReadConfig(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<ConfigFile>(bytes.Span, Form);
        }
        catch (JsonException)
        {
            // A registry takes any bytes as a configuration; these say nothing about an image.
            return null;
        }
    }

    private sealed record ConfigFile(string? Os, string? Architecture, string? Variant, RunConfig? Config);

    private sealed record RunConfig(
        string[]? Entrypoint, string[]? Cmd, string[]? Env, string? User, string? WorkingDir, Dictionary<string, string>? Labels);
}
