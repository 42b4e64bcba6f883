using System.Text.RegularExpressions;

namespace Claimed.Components.Sources.Kfp;

/// <summary>Reads command and args with their placeholders, and notes how each port is used.</summary>
internal sealed partial class KfpCommandReader(KfpKeys keys, List<Finding> findings)
{
    private static readonly string[] Placeholders = ["inputValue", "inputPath", "outputPath", "concat", "if", "executorInput", "executionInput", "inputUri", "outputUri"];

    /// <summary>Port → the placeholder that first names it, for each way of passing.</summary>
    public Dictionary<string, SourcePosition> ByValue { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SourcePosition> ByPath { get; } = new(StringComparer.Ordinal);

    /// <summary>Inputs of which the command takes the address in an object store.</summary>
    public Dictionary<string, SourcePosition> ByAddress { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SourcePosition> Written { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SourcePosition> WrittenByAddress { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SourcePosition> Asked { get; } = new(StringComparer.Ordinal);

    /// <summary>Inputs that the text of the command names in the words of the backend: <c>{{$.inputs.artifacts['x'].uri}}</c>.</summary>
    public HashSet<string> Spelled { get; } = new(StringComparer.Ordinal);

    /// <summary>True when the command gets everything at once: <c>{{$}}</c>.</summary>
    public bool TakesAll { get; private set; }

    public List<CommandPart> Parts(YamlNode? node, string what) => Parts(node, what, inConcat: false);

    private List<CommandPart> Parts(YamlNode? node, string what, bool inConcat) => [.. keys.List(node, what).Select(part => Part(part, inConcat)).OfType<CommandPart>()];

    private CommandPart? Part(YamlNode node, bool inConcat)
    {
        switch (node)
        {
            case YamlScalar { IsNothing: true }:
                findings.Add(Finding.Error("command-part-empty", node.Position, "An element of the command is empty.",
                    "Write the text, or '' for an empty argument."));
                return null;
            case YamlScalar scalar:
                if (scalar.Kind is not YamlKind.Text)
                {
                    findings.Add(Finding.Warning("command-not-text", node.Position,
                        "An element of the command is a number, boolean or date, not a text.",
                        "Put it in quotes.", "kfp"));
                }

                ReadText(scalar);
                return new CommandPart.Text(scalar.Kind == YamlKind.Text ? scalar.Value : scalar.Text);
            case YamlMapping { Entries.Count: 1 } mapping when Placeholders.Contains(mapping.Entries[0].Key.Value):
                return Placeholder(mapping.Entries[0].Key, mapping.Entries[0].Value, inConcat);
            default:
                findings.Add(Finding.Error("placeholder-unknown", node.Position,
                    "An element of the command is neither a text nor one of the known placeholders.",
                    "Write a text, or one of {inputValue: x}, {inputPath: x}, {outputPath: x}, {concat: […]}, {if: …}."));
                return null;
        }
    }

    /// <summary>Old components spell out what the backend of Kubeflow Pipelines 2 puts in the place of placeholders.</summary>
    private void ReadText(YamlScalar text)
    {
        if (!text.Value.Contains("{{$", StringComparison.Ordinal))
            return;
        TakesAll |= text.Value.Contains("{{$}}", StringComparison.Ordinal);
        foreach (Match match in BackendInput.Matches(text.Value))
            Spelled.Add(match.Groups["name"].Value);
        WarnOfBackend(text.Position);
    }

    private CommandPart? Placeholder(YamlScalar key, YamlNode value, bool inConcat)
    {
        switch (key.Value)
        {
            case "concat":
                return new CommandPart.Concat(Parts(value, "concat", inConcat: true));
            case "if":
                return If(value, inConcat);
            case "executorInput" or "executionInput":
                TakesAll = true;
                WarnOfBackend(key.Position);
                return new CommandPart.Text("{{$}}");
        }

        if (keys.Text(value, key.Value) is not { } port)
        {
            if (KfpKeys.IsNothing(value))
                findings.Add(Finding.Error("placeholder-unknown", key.Position, $"{key.Value} names no port.", "Name an input or output."));
            return null;
        }

        switch (key.Value)
        {
            case "inputValue":
                ByValue.TryAdd(port, value.Position);
                return new CommandPart.InputValue(port);
            case "inputPath":
                ByPath.TryAdd(port, value.Position);
                return new CommandPart.InputPath(port);
            case "inputUri":
                ByAddress.TryAdd(port, value.Position);
                return new CommandPart.InputUri(port);
            case "outputUri":
                WrittenByAddress.TryAdd(port, value.Position);
                return new CommandPart.OutputUri(port);
            default:
                Written.TryAdd(port, value.Position);
                return new CommandPart.OutputPath(port);
        }
    }

    private CommandPart.If? If(YamlNode node, bool inConcat)
    {
        if (keys.Mapping(node, "if") is not { } mapping)
            return null;
        keys.Only(mapping, "if", "cond", "then", "else");
        string? port = null;
        string? condition = null;
        switch (mapping["cond"])
        {
            case YamlMapping { Entries: [{ Key.Value: "isPresent", Value: YamlScalar present }] } when !present.IsNothing:
                port = present.Value;
                Asked.TryAdd(port, present.Position);
                break;
            case YamlMapping { Entries: [{ Key.Value: "inputValue", Value: YamlScalar input }] } cond when !input.IsNothing:
                ByValue.TryAdd(input.Value, input.Position);
                condition = cond.ToJson().ToJsonString();
                WarnOfCondition(cond.Position);
                break;
            case YamlScalar { IsNothing: false } text:
                condition = text.Text;
                WarnOfCondition(text.Position);
                break;
            default:
                findings.Add(Finding.Error("condition-unknown", mapping["cond"]?.Position ?? mapping.Position,
                    "This `if` has no condition that can be evaluated.",
                    "Write `cond: {isPresent: name-of-an-input}`."));
                break;
        }

        return new CommandPart.If(port, condition, Branch(mapping["then"], "then", inConcat), Branch(mapping["else"], "else", inConcat));
    }

    private void WarnOfCondition(SourcePosition at) => findings.Add(Finding.Warning("condition-not-presence", at,
        "Kubeflow Pipelines 2 evaluates only conditions of the form isPresent.", "Write `cond: {isPresent: name-of-an-input}`.", "kfp"));

    private List<CommandPart> Branch(YamlNode? node, string what, bool inConcat)
    {
        if (node is YamlSequence && inConcat)
        {
            findings.Add(Finding.Warning("branch-list-in-concat", node.Position,
                $"{what} is a list within a concat, where Kubeflow Pipelines 2 takes a single element.", "Write a single element, or a concat.", "kfp"));
        }
        if (node is null or YamlSequence)
            return Parts(node, what, inConcat);
        if (node is YamlMapping && what == "else")
        {
            findings.Add(Finding.Warning("branch-not-list", node.Position,
                "else is a single placeholder, which Kubeflow Pipelines 2 does not take.", "Write a list.", "kfp"));
        }
        return KfpKeys.IsNothing(node) ? [] : [.. new[] { Part(node, inConcat) }.OfType<CommandPart>()];
    }

    private void WarnOfBackend(SourcePosition at) => findings.Add(Finding.Warning("executor-input", at,
        "Only the backend of Kubeflow Pipelines 2 fills in this placeholder.", "Pass single inputs and outputs instead.", "elyra"));

    [GeneratedRegex(@"\{\{\$\.inputs\.(artifacts|parameters)\[['""](?<name>[^'""\]]+)['""]\]", RegexOptions.CultureInvariant)]
    private static partial Regex BackendInput { get; }
}
