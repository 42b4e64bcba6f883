using System.Text.Encodings.Web;
using System.Text.Json;

namespace Claimed.Components.Sources.Kfp;

/// <summary>Reads inputs and outputs; how a port is used decides whether it passes a value or a file.</summary>
internal sealed class KfpPortReader(KfpKeys keys, KfpCommandReader command, List<Finding> findings)
{
    private const string AnyFile = "Artifact";
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public List<Port> Inputs(YamlNode? node)
    {
        var ports = keys.List(node, "inputs").Select(Input).OfType<Port>().ToList();
        PortNames.CheckClashes(ports, findings);
        MustExist(command.ByValue.Concat(command.ByPath).Concat(command.ByAddress).Concat(command.Asked), ports, "input");
        return ports;
    }

    public List<Port> Outputs(YamlNode? node)
    {
        var ports = keys.List(node, "outputs").Select(Output).OfType<Port>().ToList();
        PortNames.CheckClashes(ports, findings);
        MustExist(command.Written.Concat(command.WrittenByAddress), ports, "output");
        return ports;
    }

    private Port? Input(YamlNode node)
    {
        if (Named(node, "an input", "name", "type", "description", "default", "optional", "annotations") is not var (mapping, name))
            return null;
        var at = mapping.Position;
        var byValue = command.ByValue.ContainsKey(name);
        var byPath = command.ByPath.ContainsKey(name) || command.ByAddress.ContainsKey(name);
        if (byValue && byPath)
        {
            findings.Add(Finding.Error("port-used-both-ways", at, $"The input {KfpKeys.Shown(name)} is passed as a value and as a file.",
                "Use either inputValue or inputPath for it."));
        }
        else if (!byValue && !byPath && !command.Asked.ContainsKey(name) && !command.TakesAll && !command.Spelled.Contains(name))
        {
            findings.Add(Finding.Warning("port-not-used", at, $"The command does not use the input {KfpKeys.Shown(name)}.",
                "Add an inputValue or inputPath placeholder, or remove the input."));
        }

        var declared = Type(mapping);
        var isStatus = declared == PortTypes.FinalStatus && !byPath;
        var passing = byPath || (!byValue && !isStatus && declared is not null && !PortTypes.IsValue(declared)) ? PortPassing.File : PortPassing.Value;
        var description = keys.Text(mapping["description"], "description");
        var type = isStatus ? PortTypes.FinalStatus : TypeFor(passing, declared, name, at);
        var (kind, text) = Default(mapping["default"]);
        var secret = passing == PortPassing.Value
            && (SecretNames.IsSecret(name) || SecretNames.HoldsCredentials(text) || SecretNames.HoldsCredentials(description));
        if (secret)
        {
            findings.Add(SecretNames.Warning(name, text is { Length: > 0 }, at));
            (type, text) = (PortTypes.String, null);
            description = description is null ? null : SecretNames.WithoutCredentials(description);
        }
        else
        {
            (kind, text) = Checked(kind, text, type, passing, name, mapping["default"]?.Position ?? at);
        }

        return new Port
        {
            Name = name,
            Type = type,
            Passing = passing,
            Default = text,
            Optional = kind != DefaultKind.Absent || IsTrue(mapping["optional"]),
            Description = description,
            Secret = secret,
            Position = at,
        };
    }

    private Port? Output(YamlNode node)
    {
        if (Named(node, "an output", "name", "type", "description", "annotations") is not var (mapping, name))
            return null;
        var at = mapping.Position;
        var byAddress = command.WrittenByAddress.ContainsKey(name);
        if (!command.Written.ContainsKey(name) && !byAddress && !command.TakesAll)
        {
            findings.Add(Finding.Warning("port-not-used", at, $"The command does not receive a path for the output {KfpKeys.Shown(name)}.",
                "Add an outputPath placeholder, or remove the output."));
        }

        var declared = Type(mapping);
        var passing = !byAddress && declared is not null && PortTypes.IsValue(declared) ? PortPassing.Value : PortPassing.File;
        return new Port
        {
            Name = name,
            Type = TypeFor(passing, declared, name, at),
            Passing = passing,
            Description = keys.Text(mapping["description"], "description"),
            Position = at,
        };
    }

    private (YamlMapping Mapping, string Name)? Named(YamlNode node, string what, params ReadOnlySpan<string> allowed)
    {
        if (node is not YamlMapping mapping)
        {
            findings.Add(Finding.Error("yaml-shape", node.Position, $"{what} must be a mapping.",
                "Write `- name: …` and `type: …` below it."));
            return null;
        }

        keys.Only(mapping, what, allowed);
        switch (mapping["name"])
        {
            case YamlScalar { Kind: YamlKind.Text, Value: { Length: > 0 and <= 128 } name } when !name.Any(char.IsControl):
                return (mapping, name);
            case YamlScalar { Kind: not (YamlKind.Text or YamlKind.Nothing) } native:
                findings.Add(Finding.Error("port-name-invalid", native.Position, "YAML takes this name for a number, boolean or date.",
                    "Put the name in quotes."));
                return null;
            case var other:
                findings.Add(Finding.Error("port-name-invalid", other?.Position ?? mapping.Position, $"{what} has no usable name.",
                    "Give it a name of at most 128 letters, digits, spaces and underscores."));
                return null;
        }
    }

    private string? Type(YamlMapping port)
    {
        switch (port["type"])
        {
            case null or YamlScalar { IsNothing: true }:
                return null;
            case YamlScalar { Value.Length: <= 128 } scalar when !scalar.Value.Any(char.IsControl):
                return KnownTypes.Normalised(scalar.Value);
            case YamlMapping { Entries.Count: > 0 } mapping when mapping.Entries[0].Key.Value.Length is > 0 and <= 128:
                findings.Add(Finding.Warning("type-not-name", mapping.Position,
                    "The type is a mapping; clients take only names, so its first key is used.", "Write the name of a type.", "elyra"));
                return KnownTypes.Normalised(mapping.Entries[0].Key.Value);
            case var other:
                findings.Add(Finding.Error("yaml-shape", other.Position, "type must be the name of a type.",
                    "Write String, Integer, Float, Boolean, Dataset, Model…"));
                return null;
        }
    }

    private string TypeFor(PortPassing passing, string? declared, string name, SourcePosition at)
    {
        var fallback = passing == PortPassing.Value ? PortTypes.String : AnyFile;
        if (declared is null)
        {
            findings.Add(Finding.Warning("type-missing", at, $"{KfpKeys.Shown(name)} has no type; it is taken for a {fallback}.",
                $"Write `type: {fallback}`, or what it really is."));
            return fallback;
        }

        if (PortTypes.IsValue(declared) == (passing == PortPassing.Value))
            return declared;
        findings.Add(Finding.Warning("type-passing-mismatch", at, passing == PortPassing.Value
                ? $"{KfpKeys.Shown(name)} is passed as a value, but Kubeflow Pipelines 2 passes its type only as a file; it is taken for a String."
                : $"{KfpKeys.Shown(name)} is passed as a file, but Kubeflow Pipelines 2 passes its type only as a value; it is taken for an {AnyFile}.",
            passing == PortPassing.Value ? "Use inputPath, or write `type: String`." : "Use inputValue, or write `type: Dataset` or another type of files.", "kfp"));
        return fallback;
    }

    private (DefaultKind Kind, string? Text) Default(YamlNode? node)
    {
        switch (node)
        {
            case null or YamlScalar { IsNothing: true }:
                return (DefaultKind.Absent, null);
            case YamlScalar { Kind: YamlKind.Text } text:
                return (DefaultKind.Literal, text.Value);
            default:
                findings.Add(Finding.Warning("default-not-quoted", node.Position,
                    "The default is no text, which crashes Elyra; it is taken as its text.", "Put the default in quotes.", "elyra"));
                return (DefaultKind.Literal, node is YamlScalar scalar ? scalar.Text : node.ToJson()!.ToJsonString(Readable));
        }
    }

    private (DefaultKind Kind, string? Text) Checked(DefaultKind kind, string? text, string type, PortPassing passing, string name, SourcePosition at)
    {
        if (text is null)
            return (kind, null);
        if (type == PortTypes.FinalStatus)
            return (DefaultKind.Absent, null);
        if (passing == PortPassing.File)
        {
            findings.Add(Finding.Warning("default-of-file", at, $"{KfpKeys.Shown(name)} is a file, so its default is left out.",
                "Remove the default; `optional: true` makes an input optional.", "kfp"));
            return (DefaultKind.Nothing, null);
        }

        if (DefaultText.Normalised(type, text) is { } normalised)
            return (kind, normalised);
        if (type is PortTypes.JsonObject or PortTypes.JsonArray)
        {
            findings.Add(Finding.Warning("default-of-other-json", at, $"The default of {KfpKeys.Shown(name)} is no {type}, which no client notices; it is left out.",
                type == PortTypes.JsonObject ? "Write '{}' for an empty object." : "Write '[]' for an empty list."));
            return (DefaultKind.Nothing, null);
        }

        // The component runs without a value here, since its author gave it none that the type knows.
        findings.Add(Finding.Warning("default-not-of-type", at, $"The default of {KfpKeys.Shown(name)} is no {type}, so it is left out.",
            $"Write a default that is a {type}, in quotes."));
        return (DefaultKind.Nothing, null);
    }

    private bool IsTrue(YamlNode? node)
    {
        if (node is null or YamlScalar { Kind: YamlKind.Nothing or YamlKind.Truth })
            return node is YamlScalar { Text: "True" };
        findings.Add(Finding.Warning("optional-not-boolean", node.Position, "optional is neither true nor false.",
            "Write `optional: true` or remove it."));
        return node is YamlScalar scalar && scalar.Value.Equals("true", StringComparison.OrdinalIgnoreCase);
    }

    private void MustExist(IEnumerable<KeyValuePair<string, SourcePosition>> uses, List<Port> ports, string role)
    {
        var known = ports.Select(port => port.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, at) in uses.Where(use => !known.Contains(use.Key)))
        {
            findings.Add(Finding.Error("placeholder-unknown-port", at,
                $"The command uses the {role} `{KfpKeys.Shown(name)}`, which the component does not have.",
                $"Declare it under {role}s, or correct the name."));
        }
    }
}
