namespace Claimed.Components.Renditions;

/// <summary>A CommandLineTool of CWL v1.2. The container is a hint, so that an engine without one can run what it has itself.</summary>
internal static class CwlRendition
{
    private const double Mebibyte = 1 << 20;

    public static string Write(RenditionSource source)
    {
        var definition = AddressInputs.Of(source.Definition);
        var (inputs, outputs) = CwlPort.For(definition);
        var command = definition.Container is { } container ? CwlCommand.OfContainer(definition, container, inputs, outputs) : CwlCommand.OfRunner(inputs, outputs);
        var secrets = inputs.Where(input => input.Source.Secret && !input.IsFile).Select(input => input.Id).ToList();
        var tool = new YamlMap
        {
            { "cwlVersion", "v1.2" },
            { "class", "CommandLineTool" },
            { "$namespaces", secrets.Count > 0 ? new YamlMap { { "cwltool", "http://commonwl.org/cwltool#" } } : null },
            { "label", ComponentRendition.PlainName(source) },
            { "doc", ComponentRendition.PlainDescription(definition) is { Length: > 0 } text ? text : null },
            { "requirements", Requirements(definition, command) },
            { "hints", new YamlMap
                {
                    { "DockerRequirement", new YamlMap { { "dockerPull", source.Image } } },
                    { "cwltool:Secrets", secrets.Count > 0 ? new YamlMap { { "secrets", secrets } } : null },
                } },
            { "baseCommand", command.Base },
            { "arguments", command.Arguments },
        };
        tool.AddEvenEmpty("inputs", Inputs(inputs, command));
        tool.AddEvenEmpty("outputs", Outputs(outputs));
        return YamlLayout.Comment($"{source.Namespace}/{source.Name} {source.Version}: cwltool tool.cwl --help") + YamlLayout.Write(tool);
    }

    private static YamlMap Requirements(Definition definition, CwlCommand command)
    {
        var map = new YamlMap { { "EnvVarRequirement", command.Environment.Count > 0 ? new YamlMap { { "envDef", command.Environment } } : null } };
        if (command.NeedsScript)
            map.AddEvenEmpty("InlineJavascriptRequirement", new YamlMap());
        // Without it CWL cuts the container off; components fetch what they work on.
        map.Add("NetworkAccess", new YamlMap { { "networkAccess", YamlBare.True } });
        map.Add("ResourceRequirement", Resources(definition.Resources));
        return map;
    }

    private static YamlMap Resources(Resources resources)
    {
        var asked = ResourceList.Of(resources).ToDictionary();
        var storage = Mebibytes("storage");
        return new()
        {
            { "coresMin", asked.TryGetValue("cpu", out var cpu) ? YamlBare.Of(Quantity.Parse(cpu)!.Value) : null },
            { "ramMin", Mebibytes("memory") },
            { "tmpdirMin", storage },
            { "outdirMin", storage },
        };

        YamlBare? Mebibytes(string name) => asked.TryGetValue(name, out var amount) ? YamlBare.Of((long)Math.Ceiling(Quantity.Parse(amount)!.Value / Mebibyte)) : null;
    }

    private static YamlMap Inputs(IReadOnlyList<CwlPort> inputs, CwlCommand command)
    {
        var map = new YamlMap();
        foreach (var input in inputs)
        {
            var entry = new YamlMap { { "type", input.Type } };
            if (input.Default is not null)
                entry.AddEvenEmpty("default", input.Default);
            entry.Add("doc", Doc(input));
            entry.Add("inputBinding", command.Bindings.GetValueOrDefault(input.Id));
            map.Add(input.Id, entry);
        }
        return map;
    }

    private static YamlMap Outputs(IReadOnlyList<CwlPort> outputs)
    {
        var map = new YamlMap();
        foreach (var output in outputs)
            map.Add(output.Id, new YamlMap { { "type", "File" }, { "doc", Doc(output) }, { "outputBinding", new YamlMap { { "glob", output.Id } } } });
        return map;
    }

    private static string? Doc(CwlPort port) => ClientInterface.OneLine(port.Source.Description) is { Length: > 0 } text ? text : null;
}
