namespace Claimed.Components.Renditions;

/// <summary>
/// Files that Elyra cannot be told of: it takes an input for a file only where its path is an element of the command of its own, and can never
/// leave a file out. A container that copes without one gets, from Elyra alone, none.
/// </summary>
internal static class ElyraFiles
{
    /// <summary>Inputs that the form for Elyra does not have.</summary>
    public static IReadOnlySet<string> LeftOut(Definition definition)
    {
        if (definition.Container is not { } container)
            return new HashSet<string>(StringComparer.Ordinal);
        var use = PlaceholderUse.Of(container);
        return definition.Inputs.Where(port => IsOptionalFile(port, use) && !IsNamed(port.Name, WithoutIt(port.Name, container)))
            .Select(port => port.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The component as Elyra can be told of it.</summary>
    public static Definition Without(Definition definition)
    {
        var leftOut = LeftOut(definition);
        if (leftOut.Count == 0)
            return definition;
        return definition with
        {
            Inputs = [.. definition.Inputs.Where(port => !leftOut.Contains(port.Name))],
            Container = leftOut.Aggregate(definition.Container!, (container, port) => WithoutIt(port, container)),
        };
    }

    private static bool IsOptionalFile(Port port, PlaceholderUse use) => (port.Optional || port.Default is not null)
        && ClientInterface.PassesFile(port, use) && (use.NestedPaths.Contains(port.Name) || use.InputAddresses.Contains(port.Name));

    private static ContainerTemplate WithoutIt(string port, ContainerTemplate container) =>
        container with { Command = Without(port, container.Command), Args = Without(port, container.Args) };

    /// <summary>What the command is when the input is not given.</summary>
    private static List<CommandPart> Without(string port, IEnumerable<CommandPart> parts) => [.. parts.SelectMany<CommandPart, CommandPart>(part => part switch
    {
        CommandPart.If choice when choice.IsPresent == port => Without(port, choice.Else),
        CommandPart.If choice => [choice with { Then = Without(port, choice.Then), Else = Without(port, choice.Else) }],
        CommandPart.Concat concat => [new CommandPart.Concat(Without(port, concat.Parts))],
        _ => [part],
    })];

    private static bool IsNamed(string port, ContainerTemplate container)
    {
        return container.Command.Concat(container.Args).Any(Names);

        bool Names(CommandPart part) => part switch
        {
            // What the backend fills in may be anything.
            CommandPart.Text text => text.Value.Contains("{{$", StringComparison.Ordinal),
            CommandPart.InputPath input => input.Port == port,
            CommandPart.InputUri input => input.Port == port,
            CommandPart.InputValue input => input.Port == port,
            CommandPart.Concat concat => concat.Parts.Any(Names),
            CommandPart.If choice => choice.IsPresent == port || choice.Then.Any(Names) || choice.Else.Any(Names),
            _ => false,
        };
    }
}
