namespace Claimed.Components.Renditions;

/// <summary>A container's command line as a Python expression over the dictionaries <c>inputs</c> and <c>outputs</c>.</summary>
internal static class OperatorCommand
{
    public static string List(IReadOnlyList<CommandPart> parts) => "[" + string.Join(", ", parts.Select(Element)) + "]";

    // An omitted optional input takes its element with it, as KFP does it.
    private static string Element(CommandPart part) => part switch
    {
        CommandPart.InputValue input => Given(input.Port),
        CommandPart.InputPath input => Given(input.Port),
        CommandPart.If { IsPresent: { } port } choice => $"*({List(choice.Then)} if {PythonText.Literal(port)} in inputs else {List(choice.Else)})",
        CommandPart.If choice => "*" + List(choice.IsMet() ? choice.Then : choice.Else),
        _ => Text(part),
    };

    private static string Text(CommandPart part) => part switch
    {
        CommandPart.Text text => PythonText.Literal(text.Value),
        CommandPart.OutputPath output => $"outputs[{PythonText.Literal(output.Port)}]",
        CommandPart.Concat concat => $"\"\".join({List(concat.Parts)})",
        _ => throw new ArgumentException($"A command has a part of kind {part.GetType().Name}, which no operator can hold.", nameof(part)),
    };

    private static string Given(string port)
    {
        var key = PythonText.Literal(port);
        return $"*([inputs[{key}]] if {key} in inputs else [])";
    }
}
