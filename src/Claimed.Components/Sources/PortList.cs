namespace Claimed.Components.Sources;

/// <summary>Makes ports of what a source reads, assigns and declares.</summary>
internal sealed class PortList(
    List<InputDraft> inputs, List<EnvironmentWrite> outputs, List<DeclaredPort> declared, Dictionary<string, string> described,
    IReadOnlySet<string> touched, List<Finding> findings)
{
    private const string OutputPrefix = "output_";

    /// <summary>Inputs and outputs; a declared port takes the place of the read or assignment that it speaks of.</summary>
    public (List<Port> Inputs, List<Port> Outputs) Make()
    {
        var inputPorts = new List<Port>();
        var outputPorts = new List<Port>();
        var declaredByVariable = new Dictionary<string, DeclaredPort>(StringComparer.Ordinal);
        foreach (var port in declared)
        {
            if (!declaredByVariable.TryAdd(port.Variable ?? port.Name, port))
            {
                findings.Add(Finding.Warning("front-matter-repeated", port.Position,
                    $"The variable {port.Variable ?? port.Name} is declared twice; the first line counts.", "Remove one of the lines."));
            }
        }

        var used = new HashSet<DeclaredPort>();
        foreach (var input in inputs)
        {
            if (!declaredByVariable.TryGetValue(input.First.Name, out var port))
                inputPorts.Add(Input(input));
            else if (used.Add(port))
                (port.IsInput ? inputPorts : outputPorts).Add(Declared(port, input, null));
        }

        foreach (var output in outputs)
        {
            if (!declaredByVariable.TryGetValue(output.Name, out var port))
                outputPorts.Add(Output(output));
            else if (used.Add(port))
                (port.IsInput ? inputPorts : outputPorts).Add(Declared(port, null, output));
        }

        foreach (var port in declaredByVariable.Values.Where(used.Add))
        {
            if (!touched.Contains(port.Variable ?? port.Name))
            {
                findings.Add(Finding.Warning("port-not-used", port.Position,
                    $"The source neither reads nor assigns the environment variable {port.Variable ?? port.Name}.",
                    $"Read it in the source, or write `from` and the variable that holds the path behind the type."));
            }

            (port.IsInput ? inputPorts : outputPorts).Add(Declared(port, null, null));
        }

        return (inputPorts, outputPorts);
    }

    private Port Input(InputDraft input)
    {
        var name = input.First.Name;
        var at = input.First.Position;
        var description = input.Description ?? described.GetValueOrDefault(name);
        if (name.StartsWith(OutputPrefix, StringComparison.Ordinal) && name.Length > OutputPrefix.Length)
        {
            findings.Add(Finding.Suggestion("input-looks-like-output", at, $"The input {name} seems to say where the component writes.",
                $"Declare an output instead: `# claimed: output {name[OutputPrefix.Length..]}: Dataset from {name}`."));
        }

        NeedDescription(name, description, at);
        if (SecretNames.IsSecret(name) || SecretNames.HoldsCredentials(input.Default) || SecretNames.HoldsCredentials(description))
            return Secret(input, name, description);

        var type = input.Type ?? PortTypes.String;
        var (kind, text) = DefaultText.Check(type, input.Kind, input.Default, name, at, findings);
        return new Port
        {
            Name = name,
            Type = type,
            Default = text,
            Optional = kind != DefaultKind.Absent,
            Description = description,
            Position = at,
        };
    }

    /// <summary>A secret stays a secret: its default goes no further than here.</summary>
    /// <param name="declared">The line that speaks of it; who calls it a secret need not hear that it looks like one.</param>
    private Port Secret(InputDraft? input, string name, string? description, DeclaredPort? declared = null)
    {
        var at = input?.First.Position ?? declared!.Position;
        var hasDefault = input is { Kind: DefaultKind.Literal, Default.Length: > 0 };
        if (hasDefault || declared?.IsSecret != true)
            findings.Add(SecretNames.Warning(name, hasDefault, at));
        return new Port
        {
            Name = name,
            Type = PortTypes.String,
            Optional = input?.Kind != DefaultKind.Absent,
            Description = description is not null && SecretNames.HoldsCredentials(description) ? SecretNames.WithoutCredentials(description) : description,
            Secret = true,
            Position = at,
        };
    }

    private Port Output(EnvironmentWrite output)
    {
        var description = output.Description ?? described.GetValueOrDefault(output.Name);
        NeedDescription(output.Name, description, output.Position);
        return new Port { Name = output.Name, Type = PortTypes.String, Description = description, Position = output.Position };
    }

    private Port Declared(DeclaredPort port, InputDraft? input, EnvironmentWrite? output)
    {
        var variable = port.Variable ?? port.Name;
        var name = !port.IsInput && port.Name.StartsWith(OutputPrefix, StringComparison.Ordinal) && port.Name.Length > OutputPrefix.Length
            ? port.Name[OutputPrefix.Length..]
            : port.Name;
        var description = port.Description ?? input?.Description ?? output?.Description ?? described.GetValueOrDefault(variable);
        NeedDescription(name, description, port.Position);
        if (port.IsSecret || (input is not null && PortTypes.IsValue(port.Type) && port.IsInput && (SecretNames.IsSecret(variable) || SecretNames.HoldsCredentials(input.Default))))
            return Secret(input, variable, description, port) with { Name = name, Variable = name == variable ? null : variable };
        var passing = PortTypes.IsValue(port.Type) ? PortPassing.Value : PortPassing.File;
        var kind = input?.Kind ?? DefaultKind.Absent;
        string? text = null;
        if (passing == PortPassing.Value && port.IsInput && input is not null)
            (kind, text) = DefaultText.Check(port.Type, kind, input.Default, name, port.Position, findings);

        return new Port
        {
            Name = name,
            Type = port.Type,
            Passing = passing,
            Default = text,
            Optional = port.IsInput && kind != DefaultKind.Absent,
            Description = description,
            Variable = name == variable ? null : variable,
            Position = port.Position,
        };
    }

    private void NeedDescription(string name, string? description, SourcePosition at)
    {
        if (string.IsNullOrEmpty(description))
        {
            findings.Add(Finding.Suggestion("port-description-missing", at, $"{name} has no description.",
                "Write a comment above it or behind it."));
        }
    }
}
