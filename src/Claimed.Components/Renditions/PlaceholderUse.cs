namespace Claimed.Components.Renditions;

/// <summary>Which ports a container's command names, and how; <paramref name="NestedPaths"/> are those inside a concat or an if.</summary>
internal sealed record PlaceholderUse(
    IReadOnlySet<string> InputValues,
    IReadOnlySet<string> InputPaths,
    IReadOnlySet<string> OutputPaths,
    IReadOnlySet<string> NestedPaths,
    IReadOnlySet<string> Conditions,
    bool HasOtherCondition)
{
    public static PlaceholderUse Of(ContainerTemplate container)
    {
        HashSet<string> values = [], paths = [], outputs = [], nested = [], conditions = [];
        var hasOtherCondition = false;
        foreach (var part in container.Command.Concat(container.Args))
            Visit(part, 0);
        return new(values, paths, outputs, nested, conditions, hasOtherCondition);

        void Visit(CommandPart part, int depth)
        {
            switch (part)
            {
                case CommandPart.InputValue input:
                    values.Add(input.Port);
                    break;
                case CommandPart.InputPath input:
                    paths.Add(input.Port);
                    if (depth > 0)
                        nested.Add(input.Port);
                    break;
                case CommandPart.OutputPath output:
                    outputs.Add(output.Port);
                    if (depth > 0)
                        nested.Add(output.Port);
                    break;
                case CommandPart.Concat concat:
                    foreach (var inner in concat.Parts)
                        Visit(inner, depth + 1);
                    break;
                case CommandPart.If choice:
                    if (choice.IsPresent is { } port)
                        conditions.Add(port);
                    else
                        hasOtherCondition = true;
                    foreach (var inner in choice.Then.Concat(choice.Else))
                        Visit(inner, depth + 1);
                    break;
            }
        }
    }
}
