namespace Claimed.Components.Renditions;

/// <summary>
/// Addresses of artifacts in an object store, for clients that keep none: there each is a text that whoever runs the component gives. A port
/// that the command knows by its address alone becomes that input.
/// </summary>
internal static class AddressInputs
{
    /// <summary>The component without placeholders that only the backend of Kubeflow Pipelines 2 fills in.</summary>
    public static RenditionSource Of(RenditionSource source) => source with { Definition = Of(source.Definition) };

    /// <inheritdoc cref="Of(RenditionSource)"/>
    public static Definition Of(Definition definition)
    {
        if (definition.Container is not { } container || PlaceholderUse.Of(container) is not { } use || use.InputAddresses.Count + use.OutputAddresses.Count == 0)
            return definition;
        var taken = definition.Inputs.Concat(definition.Outputs).Select(port => port.Name).ToHashSet(StringComparer.Ordinal);
        var read = definition.Inputs.Where(port => use.InputAddresses.Contains(port.Name)).ToDictionary(port => port.Name, Name, StringComparer.Ordinal);
        var written = definition.Outputs.Where(port => use.OutputAddresses.Contains(port.Name)).ToDictionary(port => port.Name, Name, StringComparer.Ordinal);
        return definition with
        {
            Inputs =
            [
                .. definition.Inputs.SelectMany<Port, Port>(port => !read.TryGetValue(port.Name, out var address) ? [port]
                    : use.InputPaths.Contains(port.Name) ? [port, Address(port, address)] : [Address(port, address)]),
                .. definition.Outputs.Where(port => written.ContainsKey(port.Name)).Select(port => Address(port, written[port.Name])),
            ],
            Outputs = [.. definition.Outputs.Where(port => !written.ContainsKey(port.Name) || use.OutputPaths.Contains(port.Name))],
            Container = container with { Command = Parts(container.Command), Args = Parts(container.Args) },
        };

        string Name(Port port) => JobVariables.Unique(port.Name + "_uri", taken);

        List<CommandPart> Parts(IReadOnlyList<CommandPart> parts) => [.. parts.Select(Part)];

        CommandPart Part(CommandPart part) => part switch
        {
            CommandPart.InputUri input => new CommandPart.InputValue(read.GetValueOrDefault(input.Port, input.Port)),
            CommandPart.OutputUri output => new CommandPart.InputValue(written.GetValueOrDefault(output.Port, output.Port)),
            CommandPart.Concat concat => new CommandPart.Concat(Parts(concat.Parts)),
            CommandPart.If choice => choice with { IsPresent = Asked(choice.IsPresent), Then = Parts(choice.Then), Else = Parts(choice.Else) },
            _ => part,
        };

        string? Asked(string? port) => port is not null && read.TryGetValue(port, out var address) && !use.InputPaths.Contains(port) ? address : port;
    }

    private static Port Address(Port port, string name) => port with
    {
        Name = name,
        Type = PortTypes.String,
        Passing = PortPassing.Value,
        Description = $"Address (URI) of a {ClientInterface.OneLine(port.Type)} in an object store. {ClientInterface.OneLine(port.Description)}".TrimEnd(),
    };
}
