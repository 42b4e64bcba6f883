using System.Text.Json;

namespace Claimed.Components.Renditions;

/// <summary>Parts of a command as the texts and expressions of CWL v1.2.</summary>
internal sealed class CwlExpression(IReadOnlyList<CwlPort> inputs, IReadOnlyList<CwlPort> outputs)
{
    /// <summary>Whether any expression so far needs more than references.</summary>
    public bool NeedsScript { get; private set; }

    public static string Reference(string id) => $"$(inputs.{id})";

    /// <summary>The path of an output, in the folder that is collected.</summary>
    public static string Path(string id) => $"$(runtime.outdir)/{id}";

    /// <summary>A text beside expressions.</summary>
    public static string Literal(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("$(", "\\$(", StringComparison.Ordinal).Replace("${", "\\${", StringComparison.Ordinal);

    /// <summary>A text alone, which CWL looks into only when it sees the beginning of an expression.</summary>
    public static string Text(string text) => text.Contains("$(", StringComparison.Ordinal) || text.Contains("${", StringComparison.Ordinal) ? Literal(text) : text;

    /// <summary>The input that a part is, where it is nothing more.</summary>
    public CwlPort? Input(CommandPart part) => part switch
    {
        CommandPart.InputValue { Port: var port } => Find(inputs, port),
        CommandPart.InputPath { Port: var port } => Find(inputs, port),
        _ => null,
    };

    /// <summary>The text or expression for one element of the command; null where it comes to nothing.</summary>
    public string? Value(CommandPart part)
    {
        switch (part)
        {
            case CommandPart.If or CommandPart.Concat when IsScript(part):
                NeedsScript = true;
                return $"$({Script(part)})";
            case CommandPart.Text text:
                return Text(text.Value);
            case CommandPart.Concat concat:
                return string.Concat(concat.Parts.Select(inner => inner is CommandPart.Text text ? Literal(text.Value) : Value(inner)));
            case CommandPart.OutputPath output:
                return Path(Find(outputs, output.Port)?.Id ?? JobVariables.Word(output.Port));
            default:
                return Input(part) is { } input ? input.IsFile ? $"$(inputs.{input.Id}.path)" : Reference(input.Id) : null;
        }
    }

    // A choice, or a text of something that may be absent.
    private bool IsScript(CommandPart part) => part is CommandPart.If
        || (part is CommandPart.Concat concat && concat.Parts.Any(inner => IsScript(inner) || Input(inner) is { IsOptional: true }));

    private string Script(CommandPart part) => part switch
    {
        CommandPart.Text text => JsonSerializer.Serialize(text.Value),
        CommandPart.OutputPath output => $"runtime.outdir + \"/{Find(outputs, output.Port)?.Id ?? JobVariables.Word(output.Port)}\"",
        CommandPart.Concat concat => $"[].concat({string.Join(", ", concat.Parts.Select(Script))}).join(\"\")",
        CommandPart.If { IsPresent: { } port } choice => Find(inputs, port) is { IsOptional: true } input
            ? $"(inputs.{input.Id} === null ? {List(choice.Else)} : {List(choice.Then)})" : List(choice.Then),
        CommandPart.If choice => List(choice.IsMet() ? choice.Then : choice.Else),
        _ when Input(part) is { } input => (input.IsFile, input.IsOptional) switch
        {
            (true, true) => $"(inputs.{input.Id} === null ? [] : inputs.{input.Id}.path)",
            (true, false) => $"inputs.{input.Id}.path",
            (false, true) => $"(inputs.{input.Id} === null ? [] : inputs.{input.Id})",
            _ => $"inputs.{input.Id}",
        },
        _ => "[]",
    };

    private string List(IReadOnlyList<CommandPart> parts) => $"[].concat({string.Join(", ", parts.Select(Script))})";

    private static CwlPort? Find(IReadOnlyList<CwlPort> ports, string name) => ports.FirstOrDefault(port => port.Source.Name == name);
}
