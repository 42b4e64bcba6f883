using System.Globalization;
using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>A command line in the intermediate representation: texts in which placeholders stand, structures as JSON.</summary>
internal static class PipelineCommand
{
    public static (IReadOnlyList<string> Command, IReadOnlyList<string> Args) Of(ContainerTemplate container, ClientInterface ports)
    {
        var inputs = ports.Inputs.ToDictionary(port => port.Source.Name, StringComparer.Ordinal);
        var outputs = ports.Outputs.ToDictionary(port => port.Source.Name, StringComparer.Ordinal);
        return (List(container.Command), List(container.Args));

        List<string> List(IReadOnlyList<CommandPart> parts) => [.. parts.SelectMany(Elements)];

        // The backend evaluates presence alone; a constant is decided here.
        IEnumerable<string> Elements(CommandPart part) => part is CommandPart.If { IsPresent: null } choice
            ? List(choice.IsMet() ? choice.Then : choice.Else)
            : [part is CommandPart.Concat or CommandPart.If ? Json(part) : Text(part)];

        string Text(CommandPart part) => part switch
        {
            CommandPart.Text text => text.Value,
            CommandPart.InputValue input => $"{{{{$.inputs.parameters['{Input(input.Port)}']}}}}",
            CommandPart.InputPath input => $"{{{{$.inputs.artifacts['{Input(input.Port)}'].path}}}}",
            CommandPart.OutputPath { Port: var port } => outputs.GetValueOrDefault(port) is { IsFile: false } value
                ? $"{{{{$.outputs.parameters['{PipelineRendition.ParameterName(value.Name)}'].output_file}}}}"
                : $"{{{{$.outputs.artifacts['{Output(port)}'].path}}}}",
            CommandPart.InputUri input => $"{{{{$.inputs.artifacts['{Input(input.Port)}'].uri}}}}",
            CommandPart.OutputUri output => $"{{{{$.outputs.artifacts['{Output(output.Port)}'].uri}}}}",
            _ => throw new ArgumentException($"A command has a part of kind {part.GetType().Name}, which no pipeline can hold.", nameof(container)),
        };

        string Input(string port) => PipelineRendition.ParameterName(inputs.GetValueOrDefault(port)?.Name ?? port);

        string Output(string port) => PipelineRendition.ParameterName(outputs.GetValueOrDefault(port)?.Name ?? port);

        string Json(CommandPart part) => part switch
        {
            CommandPart.Concat concat => $"{{\"Concat\": [{string.Join(", ", concat.Parts.SelectMany(Constant).Select(inner => inner is CommandPart.If choice ? JsonIf(choice, Single) : Json(inner)))}]}}",
            CommandPart.If choice => JsonIf(choice, JsonList),
            _ => Quoted(Text(part)),
        };

        string JsonIf(CommandPart.If choice, Func<IReadOnlyList<CommandPart>, string> branch) =>
            $"{{\"IfPresent\": {{\"InputName\": {Quoted(Input(choice.IsPresent!))}, \"Then\": {branch(choice.Then)}"
            + (choice.Else.Count == 0 ? "}}" : $", \"Else\": {branch(choice.Else)}}}}}");

        string Single(IReadOnlyList<CommandPart> parts) => Json(ConcatBranch.Of(parts));

        string JsonList(IReadOnlyList<CommandPart> parts) => "[" + string.Join(", ", parts.SelectMany(Constant).Select(Json)) + "]";

        IEnumerable<CommandPart> Constant(CommandPart part) =>
            part is CommandPart.If { IsPresent: null } choice ? (choice.IsMet() ? choice.Then : choice.Else).SelectMany(Constant) : [part];
    }

    // Byte for byte what Python's json writes, so that a compiled file can be compared with ours.
    private static string Quoted(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\f' => json.Append("\\f"),
                '\b' => json.Append("\\b"),
                >= ' ' and <= '~' => json.Append(c),
                _ => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            };
        }
        return json.Append('"').ToString();
    }
}
