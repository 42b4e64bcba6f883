using Claimed.Components;

namespace Claimed.Registry.Publish;

/// <summary>
/// The command for a source whose image exists: it was made elsewhere and has no runner of ours, so the container contract
/// of CLAIMED images holds: <c>python ./x.py name="value" …</c> with inputs, then outputs.
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
        var script = $"{program}{Quoted(definition.MainFile)}";
        var values = new List<CommandPart>();
        foreach (var port in definition.Inputs)
        {
            script += $" {port.Name}=\"${{{values.Count}}}\"";
            values.Add(port.Passing == PortPassing.File ? new CommandPart.InputPath(port.Name) : new CommandPart.InputValue(port.Name));
        }
        foreach (var port in definition.Outputs)
        {
            script += $" {port.Name}=\"${{{values.Count}}}\"";
            values.Add(new CommandPart.OutputPath(port.Name));
        }
        var command = (IReadOnlyList<CommandPart>)[new CommandPart.Text("sh"), new CommandPart.Text("-ec"), new CommandPart.Text(script), .. values];
        return definition with { Container = new ContainerTemplate(image, command, [], new Dictionary<string, string>()) };
    }

    private static string Quoted(string path) => $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
