using System.Text;
using Claimed.Components.Sources.Kfp;

namespace Claimed.Components.Renditions;

/// <summary>
/// An uploaded component.yaml beside what we would make of it. It is served as it came when it says the same in the same way:
/// what we write is safe for every client, so the upload is, too.
/// </summary>
public static class UploadedComponent
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether clients read the same component from both.</summary>
    /// <param name="original">The bytes of the upload.</param>
    /// <param name="rendered">Our <c>component.yaml</c>.</param>
    /// <param name="image">The image that it names, pinned.</param>
    public static bool IsSafe(ReadOnlySpan<byte> original, string rendered, string image)
    {
        // Most uploads name a tag; reading two files to find that out costs a twentieth of a publish.
        if (original.StartsWith(Encoding.UTF8.Preamble) || original.IndexOf(Encoding.UTF8.GetBytes(image)) < 0)
            return false;
        try
        {
            return Read(Strict.GetString(original)) is { } upload && Read(rendered) is { } ours && IsSame(upload, ours);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static YamlMapping? Read(string text)
    {
        var findings = new List<Finding>();
        var root = YamlTree.Read(RenditionForm.Component, text, findings);
        return findings.Count == 0 ? root as YamlMapping : null;
    }

    private static bool IsSame(YamlMapping upload, YamlMapping ours) =>
        HasOnly(upload, "name", "description", "metadata", "inputs", "outputs", "implementation")
        && AreEqual(upload["name"], ours["name"])
        && Description(upload)?.ReplaceLineEndings("\n").Trim() == Description(ours)
        && IsMetadata(upload["metadata"])
        && ArePorts(upload["inputs"], ours["inputs"])
        && ArePorts(upload["outputs"], ours["outputs"])
        && AreEqual(upload["implementation"], ours["implementation"]);

    private static bool ArePorts(YamlNode? upload, YamlNode? ours) => (upload, ours) switch
    {
        (null, null) => true,
        (YamlSequence one, YamlSequence other) => one.Items.Count == other.Items.Count
            && one.Items.Zip(other.Items).All(pair => pair.First is YamlMapping port && IsPort(port, (YamlMapping)pair.Second)),
        _ => false,
    };

    private static bool IsPort(YamlMapping upload, YamlMapping ours) =>
        HasOnly(upload, "name", "type", "description", "default", "optional")
        && AreEqual(upload["name"], ours["name"])
        && AreEqual(upload["type"], ours["type"])
        && AreEqual(upload["default"], ours["default"])
        && ClientInterface.OneLine(Description(upload)) == (Description(ours) ?? "")
        && IsOptional(upload) == IsOptional(ours);

    // Null for a word that is neither true nor false; a default makes an input optional, said or not.
    private static bool? IsOptional(YamlMapping port) => port["optional"] switch
    {
        null => port["default"] is not null,
        YamlScalar { Kind: YamlKind.Truth } said => said.Text == "True" || port["default"] is not null,
        _ => null,
    };

    // Another kind of value than a text equals none of ours.
    private static string? Description(YamlMapping mapping) => mapping["description"] switch
    {
        null => null,
        YamlScalar { Kind: YamlKind.Text } text => text.Value,
        _ => "\0",
    };

    private static bool IsMetadata(YamlNode? node) => node is null || (node is YamlMapping metadata && HasOnly(metadata, "annotations", "labels")
        && metadata.Entries.All(entry => entry.Value is YamlMapping map && map.Entries.All(pair => IsText(pair.Key) && IsText(pair.Value))));

    private static bool AreEqual(YamlNode? upload, YamlNode? ours) => (upload, ours) switch
    {
        (null, null) => true,
        (YamlScalar one, YamlScalar other) => IsText(one) && one.Value == other.Value,
        (YamlSequence one, YamlSequence other) => one.Items.Count == other.Items.Count && one.Items.Zip(other.Items).All(pair => AreEqual(pair.First, pair.Second)),
        (YamlMapping one, YamlMapping other) => one.Entries.Count == other.Entries.Count
            && one.Entries.All(entry => IsText(entry.Key) && AreEqual(entry.Value, other[entry.Key.Value])),
        _ => false,
    };

    private static bool IsText(YamlNode node) => node is YamlScalar { Kind: YamlKind.Text };

    private static bool HasOnly(YamlMapping mapping, params ReadOnlySpan<string> keys)
    {
        foreach (var (key, _) in mapping.Entries)
        {
            if (!keys.Contains(key.Value))
                return false;
        }
        return true;
    }
}
