using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Claimed.Components.Tests.Renditions;

/// <summary>What readers of YAML make of our text.</summary>
internal static partial class YamlReading
{
    /// <summary>Each text as PyYAML, the reader of KFP and Elyra, reads it.</summary>
    public static JsonObject[] WithPython(IEnumerable<string> texts)
    {
        var output = ExternalProgram.RunPython(
            "import json, sys, yaml\nprint(json.dumps([yaml.safe_load(t) for t in json.load(sys.stdin)]))", JsonSerializer.Serialize(texts.ToArray()));
        return [.. JsonNode.Parse(output)!.AsArray().Select(node => node!.AsObject())];
    }

    /// <summary>Each text after Elyra's export has pasted it into a Python file, and Python and KFP have read that.</summary>
    public static JsonObject[] AfterElyraExport(IEnumerable<string> texts)
    {
        var output = ExternalProgram.RunPython(
            "import ast, json, sys, yaml\n" +
            "def pasted(t):\n    return ast.literal_eval('\"\"\"\\n' + t + '\\n\"\"\"')\n" +
            "print(json.dumps([yaml.safe_load(pasted(t)) for t in json.load(sys.stdin)]))", JsonSerializer.Serialize(texts.ToArray()));
        return [.. JsonNode.Parse(output)!.AsArray().Select(node => node!.AsObject())];
    }

    /// <summary>One document as YamlDotNet reads it; duplicate keys throw. Plain scalars mean what the core schema of YAML 1.2 says.</summary>
    public static JsonNode Strictly(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return Node(Assert.Single(stream.Documents).RootNode)!;
    }

    private static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Node(pair.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Node)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "true" or "True" or "TRUE" } => JsonValue.Create(true),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "false" or "False" or "FALSE" } => JsonValue.Create(false),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "null" or "Null" or "NULL" or "~" or "" } => null,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } scalar when Number.IsMatch(scalar.Value!) => JsonNode.Parse(scalar.Value!),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value!),
        _ => throw new InvalidOperationException($"A YAML node of kind {node.NodeType} is not a part of a component."),
    };

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Number { get; }
}
