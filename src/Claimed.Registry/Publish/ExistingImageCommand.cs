using Claimed.Components;
using Claimed.Components.Renditions;

namespace Claimed.Registry.Publish;

/// <summary>
/// The command for a source whose image exists: it was made elsewhere and has no runner of ours, so the container contract
/// of CLAIMED images holds: <c>python ./x.py name="value" …</c> with inputs, then outputs. The program reads its environment, so a secret that
/// is there is no argument.
/// </summary>
internal static class ExistingImageCommand
{
    public static Definition Apply(Definition definition, string image)
    {
        if (definition.Container is { } container)
            return definition with { Container = container with { Image = image } };
        var program = definition.Language switch
        {
            SourceLanguage.Notebook => "ipython ./",
            SourceLanguage.R => "Rscript ./",
            SourceLanguage.Shell => "./",
            _ => "python ./",
        };
        // The file name was checked as a path; in the shell's text only letters, digits and .-_/ may stand bare.
        var script = $"{program}{ShellText.Quoted(definition.MainFile)}";
        var values = new List<CommandPart>();
        foreach (var port in definition.Inputs.Where(port => !IsSecret(port) && !MayBeMissing(port)))
            Add(port, port.Passing == PortPassing.File ? new CommandPart.InputPath(port.Name) : new CommandPart.InputValue(port.Name));
        foreach (var port in definition.Outputs)
            Add(port, new CommandPart.OutputPath(port.Name));
        foreach (var port in definition.Inputs.Where(IsSecret))
        {
            script += $" ${{{values.Count}:+{ShellText.Word(port.Name)}=\"${{{values.Count}}}\"}}";
            values.Add(new CommandPart.InputValue(port.Name));
        }
        // Clients take the element of an input that is left out away, and later ones move up: these say themselves which input they are.
        foreach (var port in definition.Inputs.Where(MayBeMissing))
        {
            script += $" ${{{values.Count}:+\"${{{values.Count}}}\"}}";
            values.Add(new CommandPart.If(port.Name, null, [new CommandPart.Concat([new CommandPart.Text(port.Name + "="), new CommandPart.InputValue(port.Name)])], []));
        }
        var command = (IReadOnlyList<CommandPart>)[new CommandPart.Text("sh"), new CommandPart.Text("-ec"), new CommandPart.Text(script), .. values];
        return definition with { Container = new ContainerTemplate(image, command, [], new Dictionary<string, string>()) };

        void Add(Port port, CommandPart value)
        {
            script += $" {ShellText.Word(port.Name)}=\"${{{values.Count}}}\"";
            values.Add(value);
        }
    }

    private static bool IsSecret(Port port) => port is { Secret: true, Passing: PortPassing.Value };

    private static bool MayBeMissing(Port port) => port is { Passing: PortPassing.Value, Default: null, Optional: true, Secret: false };
}
