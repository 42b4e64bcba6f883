namespace Claimed.Components.Renditions;

/// <summary>Secrets that a program reads from its environment, where clients put them from a secret of Kubernetes; an empty value leaves them there.</summary>
internal static class SecretInputs
{
    /// <summary>Whether the input is one: of a source, whoever made its image. Commands that were stored earlier pass it within an if, and then an empty value would count.</summary>
    public static bool IsInEnvironment(Definition definition, Port port) => port is { Secret: true, Passing: PortPassing.Value }
        && (definition.Container is not { } container
            || (definition.Language != SourceLanguage.Container && container.Command.Contains(new CommandPart.InputValue(port.Name))));

    public static IReadOnlyList<Port> InEnvironment(Definition definition) => [.. definition.Inputs.Where(port => IsInEnvironment(definition, port))];
}
