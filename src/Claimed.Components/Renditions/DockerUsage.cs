using System.Globalization;
using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>A <c>docker run</c> that works once its blanks are filled in.</summary>
internal static partial class DockerUsage
{
    public static UsageText Of(RenditionSource version)
    {
        var source = AddressInputs.Of(version);
        var definition = source.Definition;
        var use = definition.Container is { } template ? PlaceholderUse.Of(template) : null;
        var usesFiles = definition.Outputs.Count > 0 || definition.Inputs.Any(input => ClientInterface.PassesFile(input, use));
        var words = new List<string> { "docker run --rm" };
        words.AddRange(Limits(definition.Resources));
        words.AddRange(SecretInputs.InEnvironment(definition).Where(input => Name.IsMatch(input.Name)).Select(input => $"-e {input.Name}"));
        if (usesFiles)
            words.Add("--user \"$(id -u):0\" -v \"$PWD:/data\"");
        words.AddRange(definition.Container is { } container ? OfContainer(source, container) : OfRunner(source));
        var explanation = usesFiles ? "Run it; it reads and writes files in the current folder." : "Run it with its inputs as arguments.";
        if (definition.Inputs.Any(input => input.Secret))
            explanation += " Secrets come from your environment.";
        return new("docker", "Docker", explanation, string.Join(" \\\n  ", words));
    }

    private static IEnumerable<string> OfRunner(RenditionSource source) =>
    [
        ShellText.Word(source.Image),
        .. source.Definition.Inputs.Where(input => input is { Optional: false, Default: null, Secret: false })
            .Select(input => ShellText.Word($"{input.Name}={(input.Passing == PortPassing.File ? DataFile(input.Name) : $"<{ClientInterface.OneLine(input.Type)}>")}")),
        .. source.Definition.Outputs.Select(output => ShellText.Word($"{output.Name}={DataFile(output.Name)}")),
    ];

    private static IEnumerable<string> OfContainer(RenditionSource source, ContainerTemplate container)
    {
        var ports = source.Definition.Inputs.ToDictionary(port => port.Name, StringComparer.Ordinal);
        foreach (var (key, value) in container.Env.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            yield return "-e " + ShellText.Word($"{key}={value}");
        var command = container.Command.SelectMany(Elements).ToList();
        if (command.Count > 0)
            yield return "--entrypoint " + command[0];
        yield return ShellText.Word(source.Image);
        foreach (var word in command.Skip(1).Concat(container.Args.SelectMany(Elements)))
            yield return word;

        IEnumerable<string> Elements(CommandPart part) => part switch
        {
            CommandPart.Text text => [ShellText.Word(text.Value)],
            CommandPart.InputValue { Port: var port } => Value(port, isFile: false),
            CommandPart.InputPath { Port: var port } => Value(port, isFile: true),
            CommandPart.OutputPath output => [ShellText.Word(DataFile(output.Port))],
            CommandPart.Concat concat => [string.Concat(concat.Parts.SelectMany(Elements))],
            CommandPart.If choice => ((choice.IsPresent is { } port ? IsGiven(port) : choice.IsMet()) ? choice.Then : choice.Else).SelectMany(Elements),
            _ => [],
        };

        IEnumerable<string> Value(string name, bool isFile) => ports.TryGetValue(name, out var port) && SecretInputs.IsInEnvironment(source.Definition, port) ? ["''"]
            : !IsGiven(name) ? []
            : isFile ? [ShellText.Word(DataFile(name))]
            : ports[name].Secret ? [$"\"${JobVariables.Word(name)}\""]
            : [ShellText.Word(ports[name].Default ?? $"<{ClientInterface.OneLine(name)}>")];

        bool IsGiven(string name) => ports.TryGetValue(name, out var port) && (!port.Optional || port.Default is not null);
    }

    private static IEnumerable<string> Limits(Resources resources)
    {
        foreach (var (name, amount) in ResourceList.Of(resources))
        {
            var number = Quantity.Parse(amount)!.Value;
            switch (name)
            {
                case "cpu":
                    yield return string.Create(CultureInfo.InvariantCulture, $"--cpus {number}");
                    break;
                case "memory":
                    yield return string.Create(CultureInfo.InvariantCulture, $"--memory {Math.Ceiling(number / 1024):F0}k");
                    break;
                case ResourceList.Gpu:
                    yield return string.Create(CultureInfo.InvariantCulture, $"--gpus {number}");
                    break;
            }
        }
    }

    private static string DataFile(string name) => $"/data/{string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'))}";

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name { get; }
}
