namespace Claimed.Components.Renditions;

/// <summary>
/// Which ports a container's command takes as values, as paths and as addresses in an object store; <paramref name="NestedPaths"/> are the ports
/// whose path stands inside a concat or an if. <paramref name="SpellsBackend"/>: a text has a placeholder in the words of the backend, which knows ports by name.
/// </summary>
internal sealed record PlaceholderUse(
    IReadOnlySet<string> InputValues,
    IReadOnlySet<string> InputPaths,
    IReadOnlySet<string> OutputPaths,
    IReadOnlySet<string> InputAddresses,
    IReadOnlySet<string> OutputAddresses,
    IReadOnlySet<string> NestedPaths,
    bool SpellsBackend)
{
    public static PlaceholderUse Of(ContainerTemplate container)
    {
        HashSet<string> values = [], paths = [], written = [], addresses = [], targets = [], nested = [];
        var spelt = false;
        foreach (var part in container.Command.Concat(container.Args))
            Visit(part, 0);
        return new(values, paths, written, addresses, targets, nested, spelt);

        void Visit(CommandPart part, int depth)
        {
            switch (part)
            {
                case CommandPart.Text text:
                    spelt |= text.Value.Contains("{{$", StringComparison.Ordinal);
                    break;
                case CommandPart.InputValue input:
                    values.Add(input.Port);
                    break;
                case CommandPart.InputPath input:
                    paths.Add(input.Port);
                    if (depth > 0)
                        nested.Add(input.Port);
                    break;
                case CommandPart.OutputPath output:
                    written.Add(output.Port);
                    if (depth > 0)
                        nested.Add(output.Port);
                    break;
                case CommandPart.InputUri input:
                    addresses.Add(input.Port);
                    break;
                case CommandPart.OutputUri output:
                    targets.Add(output.Port);
                    break;
                case CommandPart.Concat concat:
                    foreach (var inner in concat.Parts)
                        Visit(inner, depth + 1);
                    break;
                case CommandPart.If choice:
                    foreach (var inner in choice.Then.Concat(choice.Else))
                        Visit(inner, depth + 1);
                    break;
            }
        }
    }
}
