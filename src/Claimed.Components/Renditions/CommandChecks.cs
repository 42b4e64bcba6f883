namespace Claimed.Components.Renditions;

/// <summary>The command of a component.yaml against what Elyra takes.</summary>
internal static class CommandChecks
{
    public static IEnumerable<Finding> Check(Definition definition)
    {
        if (definition.Container is not { } container)
            yield break;
        var nested = PlaceholderUse.Of(container).NestedPaths;
        foreach (var port in definition.Inputs.Concat(definition.Outputs).Where(port => nested.Contains(port.Name)))
        {
            yield return Finding.Warning("placeholder-nested", port.Position,
                $"The path of '{NameChecks.Shown(port.Name)}' stands inside a concat or an if, where Elyra does not look: it takes the port for a text field.",
                "Make the placeholder an element of its own.", "elyra");
        }
    }
}
