using System.Text.Encodings.Web;
using System.Text.Json;

namespace Claimed.Components.Sources.Kfp;

/// <summary>What a component.yaml says about itself beside its interface, in KFP's keys and in those of the MLX catalog.</summary>
internal sealed class KfpMetadata
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The prefix of what the registry writes into annotations itself.</summary>
    private const string Ours = "claimed.registry/";

    private readonly Dictionary<string, string> annotations = new(StringComparer.Ordinal);

    public KfpMetadata(YamlMapping root, KfpKeys keys, List<Finding> findings)
    {
        Facts = new SourceFacts(findings);
        var metadata = keys.Mapping(root["metadata"], "metadata");
        var found = keys.Mapping(metadata?["annotations"], "annotations")?.Entries ?? [];
        // What is meant for this registry wins over what the words of others may mean.
        foreach (var (key, value) in found.Where(entry => entry.Key.Value.StartsWith(Ours, StringComparison.Ordinal)))
            Annotate(key.Value, key.Value[Ours.Length..], value);
        foreach (var (key, value) in found.Where(entry => !entry.Key.Value.StartsWith(Ours, StringComparison.Ordinal)))
            Annotate(key.Value, key.Value is "category" or "group" or "tags" or "license" ? key.Value : "", value);
        foreach (var (key, value) in keys.Mapping(metadata?["labels"], "labels")?.Entries ?? [])
            annotations.TryAdd(key.Value, AsText(value));
        ReadDialect(root, metadata, keys);
    }

    public SourceFacts Facts { get; }

    public IReadOnlyDictionary<string, string> Annotations => annotations;

    /// <summary>The MLX catalog's keys, and any others that Kubeflow Pipelines does not know.</summary>
    private void ReadDialect(YamlMapping root, YamlMapping? metadata, KfpKeys keys)
    {
        var others = keys.Others(root, "a component", "name", "description", "metadata", "inputs", "outputs", "implementation", "version");
        if (metadata is not null)
            others.AddRange(keys.Others(metadata, "metadata", "annotations", "labels"));
        foreach (var (key, value) in others.Where(entry => !KfpKeys.IsNothing(entry.Value)))
        {
            switch (key.Value)
            {
                case "tags":
                    AddTags(value);
                    break;
                case "category" when value is YamlScalar scalar:
                    Facts.Set("category", scalar.Value.Trim(), value.Position);
                    break;
                case "filter_categories":
                    AddTags(value);
                    annotations.TryAdd(key.Value, AsText(value));
                    break;
                default:
                    annotations.TryAdd(key.Value, AsText(value));
                    break;
            }
        }
    }

    /// <param name="fact">The fact that the annotation may be; empty when it is none.</param>
    private void Annotate(string key, string fact, YamlNode value)
    {
        if (KfpKeys.IsNothing(value))
            return;
        if (fact == "tags")
            AddTags(value);
        else if (fact is "base" or "name" or "displayName" or "displayname" or "imports" || !Facts.Set(fact, AsText(value).Trim(), value.Position))
            annotations[key] = AsText(value);
    }

    private void AddTags(YamlNode node)
    {
        IEnumerable<string> found = node switch
        {
            YamlScalar { IsNothing: false } scalar => scalar.Value.Split(','),
            YamlSequence sequence => Scalars(sequence.Items),
            YamlMapping mapping => mapping.Entries.SelectMany(entry => entry.Value switch
            {
                // filter_categories: {platform: kubeflow, domain: [text, images]}
                YamlScalar { IsNothing: false, Kind: YamlKind.Text } scalar => [scalar.Value],
                YamlSequence sequence => Scalars(sequence.Items),
                _ => (IEnumerable<string>)[entry.Key.Value],
            }),
            _ => [],
        };
        foreach (var tag in found)
            Facts.Set("tags", tag, node.Position);

        static IEnumerable<string> Scalars(IEnumerable<YamlNode> items) => items.OfType<YamlScalar>().Where(item => !item.IsNothing).Select(item => item.Value);
    }

    private static string AsText(YamlNode node) =>
        node is YamlScalar scalar ? scalar.Value : node.ToJson()!.ToJsonString(Readable);
}
