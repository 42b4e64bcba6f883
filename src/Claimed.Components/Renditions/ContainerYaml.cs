using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>The command lines of a component file.</summary>
internal static class ContainerYaml
{
    private const int Indent = 6;

    /// <summary>A command, with the served names in its placeholders.</summary>
    public static void Write(StringBuilder yaml, ContainerTemplate container, ClientInterface ports)
    {
        var inputs = ports.Inputs.ToDictionary(port => port.Source.Name, port => port.Name, StringComparer.Ordinal);
        var outputs = ports.Outputs.ToDictionary(port => port.Source.Name, port => port.Name, StringComparer.Ordinal);
        WriteList("command", container.Command);
        WriteList("args", container.Args);
        if (container.Env.Count == 0)
            return;
        yaml.Append("    env:\n");
        foreach (var (key, value) in container.Env.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            yaml.Append("      ").Append(YamlText.Scalar(key)).Append(": ").Append(YamlText.Quoted(value)).Append('\n');

        void WriteList(string key, IReadOnlyList<CommandPart> parts)
        {
            if (parts.Count == 0)
                return;
            yaml.Append("    ").Append(key).Append(":\n");
            foreach (var part in parts)
            {
                var element = part is CommandPart.Text text ? YamlText.Block(text.Value, Indent) : Flow(part);
                yaml.Append("    - ").Append(element).Append('\n');
            }
        }

        string Flow(CommandPart part) => part switch
        {
            CommandPart.Text text => YamlText.Quoted(text.Value),
            CommandPart.InputValue input => $"{{inputValue: {YamlText.Scalar(Served(inputs, input.Port))}}}",
            CommandPart.InputPath input => $"{{inputPath: {YamlText.Scalar(Served(inputs, input.Port))}}}",
            CommandPart.OutputPath output => $"{{outputPath: {YamlText.Scalar(Served(outputs, output.Port))}}}",
            CommandPart.InputUri input => $"{{inputUri: {YamlText.Scalar(Served(inputs, input.Port))}}}",
            CommandPart.OutputUri output => $"{{outputUri: {YamlText.Scalar(Served(outputs, output.Port))}}}",
            CommandPart.Concat concat => $"{{concat: [{string.Join(", ", concat.Parts.Select(inner => inner is CommandPart.If choice ? FlowIf(choice, Single) : Flow(inner)))}]}}",
            CommandPart.If choice => FlowIf(choice, FlowList),
            _ => throw new ArgumentException($"A command has a part of kind {part.GetType().Name}, which no component file can hold.", nameof(container)),
        };

        string FlowList(IReadOnlyList<CommandPart> parts) => "[" + string.Join(", ", parts.Select(Flow)) + "]";

        string Single(IReadOnlyList<CommandPart> parts) => Flow(ConcatBranch.Of(parts));

        string FlowIf(CommandPart.If choice, Func<IReadOnlyList<CommandPart>, string> branch)
        {
            var condition = choice.IsPresent is { } port
                ? $"{{isPresent: {YamlText.Scalar(Served(inputs, port))}}}"
                : YamlText.Quoted(choice.Condition ?? "");
            var otherwise = choice.Else.Count == 0 ? "" : $", else: {branch(choice.Else)}";
            return $"{{if: {{cond: {condition}, then: {branch(choice.Then)}{otherwise}}}}}";
        }
    }

    private static string Served(Dictionary<string, string> names, string port) => names.GetValueOrDefault(port, port);
}
