using System.Text.Json;

namespace Claimed.Registry.Images.Browse;

/// <summary>What an image says of how it runs (OCI image configuration).</summary>
/// <param name="Created">As the image has it.</param>
/// <param name="Env">Lines <c>NAME=value</c>.</param>
public sealed record ImageConfig(
    string? Platform, string? Created, string? User, string? WorkingDir, IReadOnlyList<string> Entrypoint, IReadOnlyList<string> Cmd, IReadOnlyList<string> Env,
    IReadOnlyList<string> ExposedPorts, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>Larger ones are not read.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Whether a config of this type is one of an image.</summary>
    public static bool IsOfImage(string mediaType) =>
        mediaType is "application/vnd.oci.image.config.v1+json" or "application/vnd.docker.container.image.v1+json";

    /// <summary>Null when it is none: any bytes may be pushed as a config. Values of the wrong kind are left out.</summary>
    public static ImageConfig? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            var config = Member(root, "config");
            var platform = string.Join('/', new[] { Text(root, "os"), Text(root, "architecture"), Text(root, "variant") }.Where(part => !string.IsNullOrEmpty(part)));
            return new ImageConfig(platform.Length == 0 ? null : platform, Text(root, "created"), Text(config, "User"), Text(config, "WorkingDir"), List(config, "Entrypoint"),
                List(config, "Cmd"), List(config, "Env"), Names(config, "ExposedPorts"), Map(config, "Labels"));
        }
        // Half a character is valid in JSON and in no text.
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static string[] List(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.String).Select(entry => entry.GetString()!)] : [];

    private static string[] Names(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.Object } map
        ? [.. map.EnumerateObject().Select(entry => entry.Name)] : [];

    private static Dictionary<string, string> Map(JsonElement element, string name)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Member(element, name) is { ValueKind: JsonValueKind.Object } map)
        {
            foreach (var entry in map.EnumerateObject().Where(entry => entry.Value.ValueKind == JsonValueKind.String))
                read[entry.Name] = entry.Value.GetString()!;
        }
        return read;
    }
}
