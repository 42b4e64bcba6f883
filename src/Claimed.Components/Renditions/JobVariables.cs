using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>One environment variable of a job.</summary>
/// <param name="Name">Legal in every version of Kubernetes.</param>
/// <param name="Value">As the API wants it, <c>$</c> escaped; empty for a secret and for what has to be filled in.</param>
/// <param name="Remark">For people; empty when there is nothing to say.</param>
/// <param name="Key">The key in the secret.</param>
internal sealed record JobVariable(string Name, string Value, string Remark, bool IsNeeded, bool IsSecret, bool IsOptional, string Key);

/// <summary>The environment of a job, and the command that uses it.</summary>
internal sealed partial record JobVariables(
    IReadOnlyList<JobVariable> All, IReadOnlyList<string> Command, IReadOnlyList<string> Args, bool UsesFiles)
{
    private const string InputFolder = "/data/inputs/";
    private const string OutputFolder = "/data/outputs/";

    public static JobVariables Of(RenditionSource source) => AddressInputs.Of(source.Definition) is { Container: { } container } definition
        ? OfContainer(definition, container)
        : OfRunner(source.Definition);

    // The runner reads the environment by the ports' own names; what Kubernetes does not take as one becomes an argument.
    private static JobVariables OfRunner(Definition definition)
    {
        List<JobVariable> all = [];
        List<string> args = [];
        foreach (var port in definition.Inputs)
        {
            var variable = Input(port, port.Name, port.Passing == PortPassing.File, definition);
            if (KubernetesText.IsEnvironmentName(port.Name))
                all.Add(variable);
            else if (!variable.IsSecret && (variable.IsNeeded || variable.Value.Length > 0))
                args.Add($"{KubernetesText.Literal(port.Name)}={variable.Value}");
        }
        var files = new HashSet<string>(StringComparer.Ordinal);
        args.AddRange(definition.Outputs.Select(port => $"{KubernetesText.Literal(port.Name)}={OutputFolder}{Unique(Word(port.Name), files)}"));
        return new(all, [], args, NamesFiles(definition));
    }

    private static JobVariables OfContainer(Definition definition, ContainerTemplate container)
    {
        var use = PlaceholderUse.Of(container);
        var taken = new HashSet<string>(container.Env.Keys, StringComparer.Ordinal);
        List<JobVariable> all = [.. container.Env.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Where(pair => KubernetesText.IsEnvironmentName(pair.Key))
            .Select(pair => new JobVariable(pair.Key, KubernetesText.Literal(pair.Value), "", false, false, false, pair.Key))];
        var inputs = new Dictionary<string, string>(StringComparer.Ordinal);
        var read = definition.Inputs.Where(IsRead).Select(port => port.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var port in definition.Inputs.Where(port => IsRead(port) || IsGiven(port)))
        {
            var name = inputs[port.Name] = Unique(IsRead(port) ? port.Name : Word(port.Name), taken);
            all.Add(Input(port, name, ClientInterface.PassesFile(port, use), definition));
        }
        var files = new HashSet<string>(StringComparer.Ordinal);
        var outputs = definition.Outputs.ToDictionary(port => port.Name, port => OutputFolder + Unique(Word(port.Name), files), StringComparer.Ordinal);
        return new(all, List(container.Command), List(container.Args), NamesFiles(definition) || use.InputPaths.Count > 0);

        // The program finds it in its environment.
        bool IsRead(Port port) => SecretInputs.IsInEnvironment(definition, port) && KubernetesText.IsEnvironmentName(port.Name);

        List<string> List(IReadOnlyList<CommandPart> parts) => [.. parts.SelectMany(Elements)];

        // An omitted optional input takes its element with it, as KFP does it.
        IEnumerable<string> Elements(CommandPart part) => part switch
        {
            CommandPart.InputValue { Port: var port } when !inputs.ContainsKey(port) => [],
            CommandPart.InputPath { Port: var port } when !inputs.ContainsKey(port) => [],
            CommandPart.If choice => List((choice.IsPresent is { } port ? inputs.ContainsKey(port) : choice.IsMet()) ? choice.Then : choice.Else),
            CommandPart.Concat concat => [string.Concat(List(concat.Parts))],
            CommandPart.InputValue { Port: var port } when read.Contains(port) => [""],
            CommandPart.InputValue { Port: var port } => [$"$({inputs[port]})"],
            CommandPart.InputPath { Port: var port } => [$"$({inputs[port]})"],
            CommandPart.OutputPath { Port: var port } => [outputs.GetValueOrDefault(port, OutputFolder + Word(port))],
            CommandPart.Text text => [KubernetesText.Literal(text.Value)],
            _ => throw new ArgumentException($"A command has a part of kind {part.GetType().Name}, which no job can hold.", nameof(container)),
        };
    }

    // What is optional and has no default is left out: a container of another's would take an empty text for a value.
    private static bool IsGiven(Port port) => !port.Optional || port.Default is not null;

    private static JobVariable Input(Port port, string name, bool isFile, Definition definition)
    {
        var description = ClientInterface.OneLine(port.Description);
        if (port.Secret && !isFile)
            return new(name, "", description, false, true, SecretInputs.IsInEnvironment(definition, port) || (port.Optional && port.Default is null), SecretKey(port));
        if (isFile)
            return new(name, port.Optional && definition.Container is null ? "" : InputFolder + Word(port.Name), $"a file ({port.Type}) {description}".TrimEnd(), false, false, port.Optional, name);
        if (port.Default is { } value)
            return new(name, KubernetesText.Literal(value), description, false, false, true, name);
        return port.Optional
            ? new(name, "", $"optional ({port.Type}) {description}".TrimEnd(), false, false, true, name)
            : new(name, "", $"REQUIRED: fill in ({port.Type}) {description}".TrimEnd(), true, false, false, name);
    }

    /// <summary>The key under which a secret input lies in the component's secret.</summary>
    public static string SecretKey(Port port) => KubernetesText.IsSecretKey(port.Name) ? port.Name : Word(port.Name);

    private static bool NamesFiles(Definition definition) => definition.Outputs.Count > 0 || definition.Inputs.Any(port => port.Passing == PortPassing.File);

    /// <summary>Letters, digits and underscores, not beginning with a digit.</summary>
    public static string Word(string name)
    {
        var word = NonWord.Replace(name, "_").Trim('_');
        return word.Length == 0 ? "port" : char.IsAsciiDigit(word[0]) ? "port_" + word : word;
    }

    public static string Unique(string name, HashSet<string> taken)
    {
        var candidate = name;
        for (var number = 2; !taken.Add(candidate); number++)
            candidate = $"{name}_{number}";
        return candidate;
    }

    [GeneratedRegex("[^A-Za-z0-9_]+", RegexOptions.CultureInvariant)]
    private static partial Regex NonWord { get; }
}
