namespace Claimed.Components.Renditions;

/// <summary>Secrets of an operator: one that its container gets as a variable is no argument of it.</summary>
internal static class OperatorSecrets
{
    /// <summary>The variable to give a secret as.</summary>
    public static string Variable(Port port) => KubernetesText.IsEnvironmentName(port.Name) ? port.Name : JobVariables.Word(port.Name);

    public static IReadOnlyList<Port> Of(Definition definition) => [.. definition.Inputs.Where(input => input.Secret && input.Passing == PortPassing.Value)];
}
