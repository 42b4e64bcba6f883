using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>The command by which pipelines start our runner.</summary>
internal static partial class RunnerCommand
{
    /// <summary>Where the runner lies in images that we make.</summary>
    public const string Path = "/opt/claimed/run";

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Variable { get; }

    /// <summary>
    /// Starts it with <c>name="value"</c> arguments. Every placeholder is an element of its own, because Elyra looks only there;
    /// those that KFP 1.8 removes when they are omitted come last, so that the others keep their place.
    /// </summary>
    public static ContainerTemplate Of(ClientInterface ports)
    {
        var elements = ports.Inputs.Where(input => !input.VanishesWhenOmitted).Select(Input)
            .Concat(ports.Outputs.Select(output => (output.Source.Name, Part: (CommandPart)new CommandPart.OutputPath(output.Source.Name))))
            .Concat(ports.Inputs.Where(input => input.VanishesWhenOmitted).Select(Input))
            .ToList();
        var script = new StringBuilder("exec " + Path);
        for (var i = 0; i < elements.Count; i++)
            script.Append(CultureInfo.InvariantCulture, $" {ShellWord(elements[i].Name)}=\"${{{i}}}\"");
        return new("", [new CommandPart.Text("sh"), new CommandPart.Text("-ec"), new CommandPart.Text(script.ToString()), .. elements.Select(element => element.Part)],
            [], new Dictionary<string, string>());
    }

    private static (string Name, CommandPart Part) Input(ClientPort input) =>
        (input.Source.Name, input.IsFile ? new CommandPart.InputPath(input.Source.Name) : new CommandPart.InputValue(input.Source.Name));

    // A source may read a variable such as my-key, which no shell knows but every container takes.
    private static string ShellWord(string name) => Variable.IsMatch(name) ? name : ShellText.Quoted(name);
}
