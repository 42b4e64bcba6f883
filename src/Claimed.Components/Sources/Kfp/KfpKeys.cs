namespace Claimed.Components.Sources.Kfp;

/// <summary>Reads keys of a mapping and reports those that the KFP SDK does not know.</summary>
internal sealed class KfpKeys(List<Finding> findings)
{
    private const int MaxShown = 60;

    /// <summary>The node as a mapping; null, with an error, when it is something else that is not empty.</summary>
    public YamlMapping? Mapping(YamlNode? node, string what)
    {
        if (node is YamlMapping mapping)
            return mapping;
        if (node is not null && !IsNothing(node))
            findings.Add(Finding.Error("yaml-shape", node.Position, $"{what} must be a mapping.", "Write `key: value` lines below it."));
        return null;
    }

    /// <summary>The items of a list; none, with a finding, when it is something else.</summary>
    public IReadOnlyList<YamlNode> List(YamlNode? node, string what)
    {
        switch (node)
        {
            case null:
                return [];
            case YamlSequence sequence:
                return sequence.Items;
            case YamlScalar { IsNothing: true }:
                findings.Add(Finding.Warning("list-empty", node.Position,
                    $"{what} stands here without content, so Elyra drops the component.", "Remove the key.", "elyra"));
                return [];
            default:
                findings.Add(Finding.Error("yaml-shape", node.Position, $"{what} must be a list.", "Begin each item with `- `."));
                return [];
        }
    }

    /// <summary>The text of a scalar; null for none, and, with an error, for something else.</summary>
    public string? Text(YamlNode? node, string what)
    {
        if (node is YamlScalar scalar)
            return scalar.IsNothing ? null : scalar.Value;
        if (node is not null)
            findings.Add(Finding.Error("yaml-shape", node.Position, $"{what} must be a text.",
                "Write a text, in quotes if it contains special characters."));
        return null;
    }

    public void Only(YamlMapping mapping, string where, params ReadOnlySpan<string> allowed)
    {
        foreach (var (key, _) in mapping.Entries)
        {
            if (!allowed.Contains(key.Value))
            {
                findings.Add(Finding.Warning("key-unknown", key.Position,
                    $"Kubeflow Pipelines knows no key `{Shown(key.Value)}` in {where} and refuses the file; the registry leaves the key out.",
                    "Remove it; put further facts into metadata.annotations.", "kfp"));
            }
        }
    }

    /// <summary>The keys that are not known here, each with a warning; they are kept as annotations.</summary>
    public List<KeyValuePair<YamlScalar, YamlNode>> Others(YamlMapping mapping, string where, params ReadOnlySpan<string> known)
    {
        var others = new List<KeyValuePair<YamlScalar, YamlNode>>();
        foreach (var entry in mapping.Entries)
        {
            if (known.Contains(entry.Key.Value))
                continue;
            others.Add(entry);
            findings.Add(Finding.Warning("key-unknown", entry.Key.Position,
                $"Kubeflow Pipelines knows no key `{Shown(entry.Key.Value)}` in {where} and refuses the file; the registry moves it to the annotations.",
                "Put it into metadata.annotations.", "kfp"));
        }

        return others;
    }

    public static bool IsNothing(YamlNode? node) => node is null or YamlScalar { IsNothing: true };

    public static string Shown(string text) => new([.. text.Take(MaxShown).Select(c => char.IsControl(c) ? ' ' : c)]);
}
