namespace Claimed.Components.Renditions;

/// <summary>The command of a component.yaml against what KFP v2 and Elyra take.</summary>
internal static class CommandChecks
{
    public static IEnumerable<Finding> Check(Definition definition)
    {
        if (definition.Container is not { } container)
            return [];
        var use = PlaceholderUse.Of(container);
        var at = new SourcePosition(definition.MainFile);
        return Undeclared(definition, use, at).Concat(Unreached(definition, use)).Concat(Shape(container, use, at));
    }

    private static IEnumerable<Finding> Undeclared(Definition definition, PlaceholderUse use, SourcePosition at)
    {
        var inputs = definition.Inputs.Select(port => port.Name).ToHashSet(StringComparer.Ordinal);
        var outputs = definition.Outputs.Select(port => port.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in use.InputValues.Concat(use.InputPaths).Concat(use.Conditions).Where(name => !inputs.Contains(name)).Distinct(StringComparer.Ordinal))
        {
            yield return Finding.Error("placeholder-undeclared", at, $"The command uses the input '{NameChecks.Shown(name)}', which is not declared.",
                "Add it to `inputs`, or correct the name in the placeholder.");
        }
        foreach (var name in use.OutputPaths.Where(name => !outputs.Contains(name)))
        {
            yield return Finding.Error("placeholder-undeclared", at, $"The command uses the output '{NameChecks.Shown(name)}', which is not declared.",
                "Add it to `outputs`, or correct the name in the placeholder.");
        }
    }

    private static IEnumerable<Finding> Unreached(Definition definition, PlaceholderUse use)
    {
        foreach (var port in definition.Inputs.Concat(definition.Outputs).Where(port => use.NestedPaths.Contains(port.Name)))
        {
            yield return Finding.Warning("placeholder-nested", port.Position,
                $"The path of '{NameChecks.Shown(port.Name)}' stands inside a concat or an if, where Elyra does not look: it takes the port for a text field.",
                "Make the placeholder an element of its own.", "elyra");
        }
        foreach (var port in definition.Outputs.Where(port => !use.OutputPaths.Contains(port.Name)))
        {
            yield return Finding.Warning("output-unused", port.Position, $"The command never gets the path of the output '{NameChecks.Shown(port.Name)}', so that nothing can be written there.",
                "Add {outputPath: …} to the command, or remove the output.");
        }
    }

    private static IEnumerable<Finding> Shape(ContainerTemplate container, PlaceholderUse use, SourcePosition at)
    {
        if (container.Command.Count == 0)
        {
            yield return Finding.Warning("command-missing", at, "The component has no command; KFP needs one, since it does not read the image's entry point.",
                "Write the entry point of the image as `command`.", "kfp");
        }
        if (use.HasOtherCondition)
        {
            yield return Finding.Warning("condition-unsupported", at, "KFP v2 knows `if` only with `cond: {isPresent: input}`.", "Decide inside the program, or ask for the presence of an input.", "kfp");
        }
    }
}
