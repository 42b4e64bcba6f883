using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>
/// The KFP v1 component file in the subset that KFP 1.8, KFP 2 and Elyra read alike. Only keys that both SDKs know appear;
/// what the registry adds stands in <c>metadata.annotations</c>.
/// </summary>
internal static class ComponentRendition
{
    public static string Write(RenditionSource source, bool forElyra)
    {
        var definition = source.Definition;
        var ports = ClientInterface.For(definition, forElyra);
        var yaml = new StringBuilder();
        yaml.Append("name: ").Append(YamlText.Scalar(PlainName(source))).Append('\n');
        var description = forElyra ? ClientInterface.OneLine(definition.Description) : PlainDescription(definition);
        if (description.Length > 0)
            yaml.Append("description: ").Append(YamlText.Block(description, 2)).Append('\n');
        WriteAnnotations(yaml, source);
        WritePorts(yaml, "inputs", ports.Inputs);
        WritePorts(yaml, "outputs", ports.Outputs);
        yaml.Append("implementation:\n  container:\n    image: ").Append(YamlText.Scalar(source.Image)).Append('\n');
        ContainerYaml.Write(yaml, definition.Container ?? RunnerCommand.Of(ports), ports);
        return yaml.ToString();
    }

    /// <summary>The display name without the characters that break Elyra's palette for every user.</summary>
    public static string PlainName(RenditionSource source)
    {
        var text = source.Definition.DisplayName.Replace('"', '\'').Replace('\\', '/');
        text = ClientInterface.OneLine(text);
        // KFP makes a name for itself of the ASCII letters and digits, and needs one.
        return text.Any(char.IsAsciiLetterOrDigit) ? text : $"{text} {source.Name}".TrimStart();
    }

    /// <summary>The description without control characters: KFP v2 repeats it in a comment, where they make the compiled file unreadable.</summary>
    public static string PlainDescription(Definition definition) => string.Concat(definition.Description.ReplaceLineEndings("\n").EnumerateRunes()
        .Select(rune => YamlText.IsPrintable(rune) ? rune.ToString() : " ")).Trim();

    /// <summary>The publisher's annotations and ours, as the flat strings that both SDKs accept.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Annotations(RenditionSource source)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in source.Definition.Annotations.Concat(OwnAnnotations(source)))
            all[key] = value;
        return all;
    }

    /// <summary>What the registry knows of the version.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OwnAnnotations(RenditionSource source)
    {
        var definition = source.Definition;
        (string Field, string? Value)[] fields =
        [
            ("namespace", source.Namespace), ("name", source.Name), ("version", source.Version), ("bundle-digest", source.BundleDigest), ("version-url", source.VersionUrl),
            ("category", definition.Category), ("group", definition.Group), ("license", definition.License), ("base-image", definition.BaseImage),
            .. ResourceList.Of(definition.Resources).Select(resource => (resource.Key, resource.Value)),
        ];
        return fields.Where(field => !string.IsNullOrEmpty(field.Value)).Select(field => KeyValuePair.Create("claimed.registry/" + field.Field, field.Value!));
    }

    private static void WriteAnnotations(StringBuilder yaml, RenditionSource source)
    {
        yaml.Append("metadata:\n  annotations:\n");
        foreach (var (key, value) in Annotations(source))
            yaml.Append("    ").Append(YamlText.Scalar(key)).Append(": ").Append(YamlText.Quoted(value)).Append('\n');
    }

    private static void WritePorts(StringBuilder yaml, string key, IReadOnlyList<ClientPort> ports)
    {
        if (ports.Count == 0)
            return;
        yaml.Append(key).Append(":\n");
        foreach (var port in ports)
        {
            yaml.Append("- name: ").Append(YamlText.Scalar(port.Name)).Append('\n');
            yaml.Append("  type: ").Append(YamlText.Scalar(port.Type)).Append('\n');
            if (port.Description.Length > 0)
                yaml.Append("  description: ").Append(YamlText.Quoted(port.Description)).Append('\n');
            if (port.Default is not null)
                yaml.Append("  default: ").Append(YamlText.Quoted(port.Default)).Append('\n');
            if (port.Optional)
                yaml.Append("  optional: true\n");
        }
    }
}
