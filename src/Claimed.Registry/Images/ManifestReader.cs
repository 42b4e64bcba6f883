using System.Text.Json;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>Reads manifests; the bytes themselves stay as they are.</summary>
public static class ManifestReader
{
    /// <param name="contentType">Without parameters; empty when the client sent none.</param>
    /// <exception cref="OciRefusedException">MANIFEST_INVALID, with what is wrong.</exception>
    public static Manifest Read(ReadOnlyMemory<byte> bytes, string contentType)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return Read(document.RootElement, contentType);
        }
        catch (JsonException broken)
        {
            throw Invalid($"The manifest is no JSON: {broken.Message}");
        }
        catch (InvalidOperationException)
        {
            // A name with half a character is found only when a look-up passes over it.
            throw Invalid("A name or text of the manifest is no Unicode text.");
        }
    }

    private static Manifest Read(JsonElement root, string contentType)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Invalid("The manifest is no JSON object.");
        if (!root.TryGetProperty("schemaVersion", out var schema) || schema.ValueKind != JsonValueKind.Number || !schema.TryGetInt32(out var number) || number != 2)
            throw Invalid("The manifest's schemaVersion is not 2.");
        var said = Text(root, "mediaType", "the manifest");
        var isIndex = root.TryGetProperty("manifests", out _);
        var type = contentType.Length > 0 ? contentType : said ?? (isIndex ? MediaTypes.OciIndex : MediaTypes.OciManifest);
        if (!MediaTypes.IsManifest(type))
            throw Invalid($"\"{type}\" is no type of manifest that this registry takes: {MediaTypes.OciManifest}, {MediaTypes.OciIndex}, {MediaTypes.DockerManifest} or {MediaTypes.DockerList}.");
        if (said is not null && said != type)
            throw Invalid($"The manifest says it is {said}, its Content-Type says {type}.");
        var isImage = root.TryGetProperty("layers", out _) || root.TryGetProperty("config", out _);
        if (isIndex == isImage || isIndex != MediaTypes.IsIndex(type))
            throw Invalid(MediaTypes.IsIndex(type) ? "An index has \"manifests\" and neither \"config\" nor \"layers\"."
                : "An image manifest has \"config\" and \"layers\" and no \"manifests\".");
        var config = isIndex ? null : Descriptors(root, "config").FirstOrDefault() ?? throw Invalid("The manifest has no config.");
        return new Manifest(type, Text(root, "artifactType", "the manifest") ?? config?.MediaType, Subject(root), config,
            Descriptors(root, "layers"), Descriptors(root, "manifests"), Annotations(root));
    }

    /// <summary>Every descriptor under a name, even one that stands there twice: readers differ in which of two they take.</summary>
    private static List<ImageDescriptor> Descriptors(JsonElement root, string name)
    {
        var found = new List<ImageDescriptor>();
        foreach (var property in root.EnumerateObject().Where(property => property.NameEquals(name)))
        {
            var isList = name is "layers" or "manifests";
            if (property.Value.ValueKind != (isList ? JsonValueKind.Array : JsonValueKind.Object))
                throw Invalid($"\"{name}\" is no {(isList ? "list" : "descriptor")}.");
            if (isList)
                found.AddRange(property.Value.EnumerateArray().Select((entry, index) => Descriptor(entry, $"{name}[{index}]")));
            else
                found.Add(Descriptor(property.Value, name));
        }
        return found;
    }

    private static ImageDescriptor Descriptor(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Invalid($"{where} is no descriptor.");
        var digest = Text(element, "digest", where) ?? throw Invalid($"{where} has no digest.");
        if (!Digest.IsKnown(digest))
            throw Invalid($"The digest of {where} is neither a sha256 nor a sha512.");
        if (!element.TryGetProperty("size", out var sizeElement) || sizeElement.ValueKind != JsonValueKind.Number
            || !sizeElement.TryGetInt64(out var size) || size < 0)
            throw Invalid($"{where} has no size.");
        var type = Text(element, "mediaType", where) ?? throw Invalid($"{where} has no mediaType.");
        var isOutside = element.TryGetProperty("urls", out var urls) && urls.ValueKind == JsonValueKind.Array && urls.GetArrayLength() > 0;
        return new ImageDescriptor(type, digest, size, Platform(element, where), isOutside);
    }

    private static string? Platform(JsonElement element, string where)
    {
        if (!element.TryGetProperty("platform", out var platform) || platform.ValueKind == JsonValueKind.Null)
            return null;
        if (platform.ValueKind != JsonValueKind.Object)
            throw Invalid($"The platform of {where} is no object.");
        var parts = new[] { Text(platform, "os", where), Text(platform, "architecture", where), Text(platform, "variant", where) };
        return string.Join('/', parts.Where(part => !string.IsNullOrEmpty(part)));
    }

    private static string? Subject(JsonElement root) => Descriptors(root, "subject").FirstOrDefault()?.Digest;

    private static Dictionary<string, string> Annotations(JsonElement root)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!root.TryGetProperty("annotations", out var annotations) || annotations.ValueKind == JsonValueKind.Null)
            return found;
        if (annotations.ValueKind != JsonValueKind.Object)
            throw Invalid("The annotations are no object.");
        foreach (var property in annotations.EnumerateObject())
            found[Unicode(() => property.Name, "A name", "the annotations")!] = TextOf(property.Value, "A value", "the annotations") ?? "";
        return found;
    }

    private static string? Text(JsonElement element, string name, string where) =>
        element.TryGetProperty(name, out var value) ? TextOf(value, $"\"{name}\"", where) : null;

    private static string? TextOf(JsonElement value, string what, string where)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.String)
            throw Invalid($"{what} of {where} is no text.");
        return Unicode(value.GetString, what, where);
    }

    /// <summary>Valid JSON may hold half a character, which no text of ours can, and U+0000, which no database takes.</summary>
    private static string? Unicode(Func<string?> text, string what, string where)
    {
        try
        {
            var read = text();
            return read is null || !read.Contains('\0') ? read : throw Invalid($"{what} of {where} holds U+0000.");
        }
        catch (InvalidOperationException)
        {
            throw Invalid($"{what} of {where} is no Unicode text.");
        }
    }

    private static OciRefusedException Invalid(string message) => new(OciError.ManifestInvalid(message));
}
