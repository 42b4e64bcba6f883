using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>
/// A pipeline of this one component in the intermediate representation of KFP 2 (schema 2.1.0), as its compiler makes it of our
/// <c>component.yaml</c>: what the API server takes, which knows no component files.
/// </summary>
internal static partial class PipelineRendition
{
    private const int LongestName = 128;

    private static readonly Dictionary<string, string> Schemas = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Model"] = "system.Model",
        ["Dataset"] = "system.Dataset",
        ["Metrics"] = "system.Metrics",
        ["ClassificationMetrics"] = "system.ClassificationMetrics",
        ["SlicedClassificationMetrics"] = "system.SlicedClassificationMetrics",
        ["HTML"] = "system.HTML",
        ["Markdown"] = "system.Markdown",
    };

    public static string Write(RenditionSource source)
    {
        var ports = ClientInterface.For(source.Definition, forElyra: false);
        var name = PipelineName(ComponentRendition.PlainName(source));
        return Head(source, name) + YamlLayout.Write(new YamlMap
        {
            { "components", new YamlMap { { "comp-" + name, Interface(ports, new YamlMap { { "executorLabel", "exec-" + name } }) } } },
            { "deploymentSpec", new YamlMap { { "executors", new YamlMap { { "exec-" + name, new YamlMap { { "container", Container(source, ports) } } } } } } },
            { "pipelineInfo", new YamlMap { { "name", name } } },
            { "root", Root(ports, name) },
            { "schemaVersion", "2.1.0" },
            { "sdkVersion", "claimed-registry" },
        });
    }

    /// <summary>The name that the compiler makes of a component's.</summary>
    public static string PipelineName(string name)
    {
        var words = NotName.Replace(name.ToLowerInvariant(), "-");
        words = Hyphens.Replace(words, "-").Trim('-');
        return words.Length <= LongestName ? words : words[..LongestName].TrimEnd('-');
    }

    /// <summary>The name that the compiler makes of a port's.</summary>
    public static string ParameterName(string name) => NotParameter.Replace(name.ToLowerInvariant(), "_").Trim('_');

    // The SDK finds the description of a compiled component in the third line, and goes on while lines are indented so far.
    private static string Head(RenditionSource source, string name)
    {
        var description = ComponentRendition.PlainDescription(source.Definition);
        var head = YamlLayout.Comment("PIPELINE DEFINITION", "Name: " + name);
        if (description.Length > 0)
            head += "# Description: " + string.Join("\n#              ", description.Split('\n')) + "\n";
        return head;
    }

    private static YamlMap Root(ClientInterface ports, string name)
    {
        var inputs = new YamlMap
        {
            { "artifacts", Each(ports.Inputs, isFile: true, input => new YamlMap { { "componentInputArtifact", ParameterName(input.Name) } }) },
            { "parameters", Each(ports.Inputs, isFile: false, input => new YamlMap { { "componentInputParameter", ParameterName(input.Name) } }) },
        };
        var outputs = new YamlMap
        {
            { "artifacts", Each(ports.Outputs, isFile: true, output => new YamlMap { { "artifactSelectors", new[] { Made("outputArtifactKey", output) } } }) },
            { "parameters", Each(ports.Outputs, isFile: false, output => new YamlMap { { "valueFromParameter", Made("outputParameterKey", output) } }) },
        };
        var task = new YamlMap
        {
            { "cachingOptions", new YamlMap { { "enableCache", YamlBare.True } } },
            { "componentRef", new YamlMap { { "name", "comp-" + name } } },
            { "inputs", inputs },
            { "taskInfo", new YamlMap { { "name", name } } },
        };
        return Interface(ports, new YamlMap { { "dag", new YamlMap { { "outputs", outputs }, { "tasks", new YamlMap { { name, task } } } } } });

        YamlMap Made(string key, ClientPort output) => new() { { key, ParameterName(output.Name) }, { "producerSubtask", name } };
    }

    private static YamlMap Interface(ClientInterface ports, YamlMap map)
    {
        map.Add("inputDefinitions", new YamlMap
        {
            { "artifacts", Each(ports.Inputs, isFile: true, Artifact) },
            { "parameters", Each(ports.Inputs, isFile: false, Parameter) },
        });
        map.Add("outputDefinitions", new YamlMap
        {
            { "artifacts", Each(ports.Outputs, isFile: true, Artifact) },
            { "parameters", Each(ports.Outputs, isFile: false, Parameter) },
        });
        return map;
    }

    private static YamlMap Each(IReadOnlyList<ClientPort> ports, bool isFile, Func<ClientPort, YamlMap> write)
    {
        var map = new YamlMap();
        foreach (var port in ports.Where(port => port.IsFile == isFile))
            map.Add(ParameterName(port.Name), write(port));
        return map;
    }

    private static YamlMap Artifact(ClientPort port) => new()
    {
        { "artifactType", new YamlMap { { "schemaTitle", Schema(port.Type) }, { "schemaVersion", "0.0.1" } } },
        { "isOptional", port.Optional ? YamlBare.True : null },
    };

    private static YamlMap Parameter(ClientPort port)
    {
        var map = new YamlMap();
        if (port.Default is not null)
            map.AddEvenEmpty("defaultValue", PipelineValue.Of(port.Type, port.Default));
        // Nobody gives it but the backend.
        map.Add("isOptional", port.Optional || port.Type == PortTypes.FinalStatus ? YamlBare.True : null);
        map.Add("parameterType", ParameterType(port.Type));
        return map;
    }

    private static string Schema(string type) => Google.IsMatch(type) ? type : Schemas.GetValueOrDefault(type, "system.Artifact");

    private static string ParameterType(string type) => type switch
    {
        PortTypes.Integer => "NUMBER_INTEGER",
        PortTypes.Float => "NUMBER_DOUBLE",
        PortTypes.Boolean => "BOOLEAN",
        PortTypes.JsonObject => "STRUCT",
        PortTypes.JsonArray => "LIST",
        PortTypes.FinalStatus => "TASK_FINAL_STATUS",
        _ => "STRING",
    };

    private static YamlMap Container(RenditionSource source, ClientInterface ports)
    {
        var template = source.Definition.Container ?? RunnerCommand.Of(ports);
        var (command, args) = PipelineCommand.Of(template, ports);
        var map = new YamlMap { { "image", source.Image }, { "args", args } };
        if (template.Env.Count == 0)
        {
            map.Add("command", command);
        }
        else if (command.Count > 0)
        {
            // No SDK can use a compiled component that has `env` within a pipeline; the program of that name does the same.
            map.Add("command", Variables().Select(pair => $"{pair.Key}={pair.Value}").Prepend("env").Concat(command).ToList());
        }
        else
        {
            map.Add("env", Variables().Select(pair => new YamlMap { { "name", pair.Key }, { "value", pair.Value } }).ToList());
        }
        return map;

        IEnumerable<KeyValuePair<string, string>> Variables() => template.Env.OrderBy(pair => pair.Key, StringComparer.Ordinal);
    }

    [GeneratedRegex("[^-0-9a-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex NotName { get; }

    [GeneratedRegex("-+", RegexOptions.CultureInvariant)]
    private static partial Regex Hyphens { get; }

    [GeneratedRegex("[^_0-9a-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex NotParameter { get; }

    [GeneratedRegex(@"\Agoogle.[A-Za-z]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Google { get; }
}
