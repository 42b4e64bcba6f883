using System.Globalization;
using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>What each version of a class runs, as Python: the functions that make its command lines and the table <c>VERSIONS</c>.</summary>
internal static class OperatorTables
{
    public static void Write(StringBuilder python, OperatorClass operators)
    {
        var commands = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var container in operators.Versions.Select(version => version.Definition.Container).OfType<ContainerTemplate>())
        {
            if (!commands.TryAdd(Command(container), $"_command_{commands.Count + 1}"))
                continue;
            python.Append("def _command_").Append(commands.Count).Append("(inputs: Dict[str, str], outputs: Dict[str, str]) -> Any:\n    return ").Append(Command(container)).Append("\n\n\n");
        }
        python.Append("VERSIONS: Dict[str, Dict[str, Any]] = {\n");
        foreach (var version in operators.Versions)
        {
            python.Append("    ").Append(PythonText.Literal(version.Source.Version)).Append(": {");
            if (version.Yanked)
                python.Append("  # yanked");
            python.Append('\n');
            foreach (var (key, value) in Entries(operators, version, commands))
                python.Append("        \"").Append(key).Append("\": ").Append(value).Append(",\n");
            python.Append("    },\n");
        }
        python.Append("}\n");
    }

    private static string Command(ContainerTemplate container) => $"{OperatorCommand.List(container.Command)}, {OperatorCommand.List(container.Args)}";

    private static IEnumerable<(string Key, string Value)> Entries(OperatorClass operators, OperatorVersion version, Dictionary<string, string> commands)
    {
        var definition = version.Definition;
        var secrets = OperatorSecrets.Of(definition);
        var amounts = ResourceList.Of(definition.Resources).ToList();
        yield return ("image", PythonText.Literal(version.Source.Image));
        yield return ("inputs", Names(definition.Inputs));
        yield return ("required", Names(definition.Inputs.Where(port => !OperatorClass.IsOptional(port))));
        yield return ("files", Names(definition.Inputs.Where(port => port.Passing == PortPassing.File)));
        yield return ("outputs", Pairs(definition.Outputs.Select(port => (port.Name, PythonText.Literal(port.Passing == PortPassing.File ? "file" : "value")))));
        yield return ("secrets", Pairs(secrets.Select(port => (port.Name, PythonText.Literal(OperatorSecrets.Variable(port))))));
        // Those whose variable the program reads, whatever stands in the command line.
        yield return ("variables", Names(secrets.Where(port => SecretInputs.IsInEnvironment(definition, port))));
        yield return ("env", Pairs((definition.Container?.Env ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, PythonText.Literal(pair.Value)))));
        yield return ("resources", amounts.Count == 0 ? "{}" : Pairs([("requests", Amounts(amounts.Where(amount => amount.Key != ResourceList.Gpu))), ("limits", Amounts(amounts))]));
        yield return ("limits", Pairs(Limits(definition.Resources)));
        yield return ("gpus", Whole(definition.Resources.Gpu));
        yield return ("command", definition.Container is { } container ? commands[Command(container)] : "None");
        yield return ("defaults", Pairs(definition.Inputs
            .Where(port => definition.Container is not null && port.Default is not null && !port.Secret && operators.Inputs.Any(argument => argument.Port.Name == port.Name && argument.Default is "None"))
            .Select(port => (port.Name, PythonText.Literal(port.Default!)))));
    }

    private static string Names(IEnumerable<Port> ports) => "[" + string.Join(", ", ports.Select(port => PythonText.Literal(port.Name))) + "]";

    private static string Pairs(IEnumerable<(string Key, string Value)> pairs) => "{" + string.Join(", ", pairs.Select(pair => $"{PythonText.Literal(pair.Key)}: {pair.Value}")) + "}";

    private static string Amounts(IEnumerable<KeyValuePair<string, string>> amounts) =>
        Pairs(amounts.Select(amount => (ResourceList.KubernetesName(amount.Key), PythonText.Literal(amount.Value))));

    /// <summary>As Docker counts: shares of processors, bytes.</summary>
    private static IEnumerable<(string Key, string Value)> Limits(Resources resources)
    {
        if (resources.Cpu is { } cpu && Quantity.Parse(cpu) is { } processors)
            yield return ("cpus", processors.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e'));
        if (resources.Memory is { } memory && Quantity.Parse(memory) is not null)
            yield return ("mem_limit", Whole(memory));
    }

    private static string Whole(string? amount) =>
        amount is not null && Quantity.Parse(amount) is { } number ? ((long)Math.Ceiling(number)).ToString(CultureInfo.InvariantCulture) : "0";
}
