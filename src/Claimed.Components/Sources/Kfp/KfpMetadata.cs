using System.Text.Encodings.Web;
using System.Text.Json;

namespace Claimed.Components.Sources.Kfp;

/// <summary>What a component.yaml says about itself beside its interface, in KFP's keys and in those of the MLX catalog.</summary>
internal sealed class KfpMetadata
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, string> annotations = new(StringComparer.Ordinal);
    private readonly TagList tags;

    public KfpMetadata(YamlMapping root, KfpKeys keys, List<Finding> findings)
    {
        tags = new TagList(findings);
        if (root["filter_categories"] is { } categories && !KfpKeys.IsNothing(categories))
            annotations["filter_categories"] = AsText(categories);
        if (keys.Mapping(root["metadata"], "metadata") is not { } metadata)
            return;
        keys.Only(metadata, "metadata", "annotations", "labels", "tags", "name", "description");
        AddTags(metadata["tags"]);
        foreach (var (key, value) in keys.Mapping(metadata["annotations"], "annotations")?.Entries ?? [])
            Annotate(key.Value, value);
        foreach (var (key, value) in keys.Mapping(metadata["labels"], "labels")?.Entries ?? [])
            annotations.TryAdd(key.Value, AsText(value));
    }

    public string? Category { get; private set; }

    public string? Group { get; private set; }

    public IReadOnlyList<string> Tags => tags.Tags;

    public IReadOnlyDictionary<string, string> Annotations => annotations;

    private void Annotate(string key, YamlNode value)
    {
        if (KfpKeys.IsNothing(value))
            return;
        switch (key)
        {
            case "category":
                Category = AsText(value);
                break;
            case "group":
                Group = AsText(value);
                break;
            case "tags":
                AddTags(value);
                break;
            default:
                annotations[key] = AsText(value);
                break;
        }
    }

    private void AddTags(YamlNode? node)
    {
        IEnumerable<string> found = node switch
        {
            YamlScalar { IsNothing: false } scalar => scalar.Value.Split(','),
            YamlSequence sequence => sequence.Items.OfType<YamlScalar>().Where(item => !item.IsNothing).Select(item => item.Value),
            YamlMapping mapping => mapping.Entries.Select(entry => entry.Key.Value),
            _ => [],
        };
        tags.Add(found, node?.Position ?? default);
    }

    private static string AsText(YamlNode node) =>
        node is YamlScalar scalar ? scalar.Value : node.ToJson()!.ToJsonString(Readable);
}
