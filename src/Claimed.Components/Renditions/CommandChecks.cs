namespace Claimed.Components.Renditions;

/// <summary>The command of a component.yaml against what Elyra takes.</summary>
internal static class CommandChecks
{
    public static IEnumerable<Finding> Check(Definition definition)
    {
        if (definition.Container is not { } container)
            yield break;
        var use = PlaceholderUse.Of(container);
        var leftOut = ElyraFiles.LeftOut(definition);
        foreach (var port in definition.Inputs.Where(port => leftOut.Contains(port.Name)))
        {
            yield return Finding.Suggestion("input-left-out-in-elyra", port.Position,
                $"Elyra cannot leave out a file, and sees none inside an if: its form has no '{NameChecks.Shown(port.Name)}'.",
                "Nothing needs to change; to pass the file from Elyra, make its path an element of its own.", "elyra");
        }
        foreach (var port in definition.Inputs.Concat(definition.Outputs).Where(port => use.NestedPaths.Contains(port.Name) && !leftOut.Contains(port.Name)))
        {
            yield return Finding.Warning("placeholder-nested", port.Position,
                $"The path of '{NameChecks.Shown(port.Name)}' stands inside a concat or an if, where Elyra does not look: it takes the port for a text field.",
                "Make the placeholder an element of its own.", "elyra");
        }
        foreach (var port in definition.Inputs.Where(port => ClientInterface.PassesFile(port, use) && !use.InputPaths.Contains(port.Name)))
        {
            yield return Finding.Warning("input-file-without-path", port.Position,
                $"'{NameChecks.Shown(port.Name)}' is of a type of files, but the command never takes its path: Elyra cannot export a pipeline with it.",
                "Pass its path with inputPath, or give it a type of values.", "elyra");
        }
        foreach (var port in definition.Inputs.Where(port => use.InputAddresses.Contains(port.Name)).Concat(definition.Outputs.Where(port => use.OutputAddresses.Contains(port.Name))))
        {
            yield return Finding.Warning("placeholder-uri", port.Position,
                $"The command takes the address of '{NameChecks.Shown(port.Name)}' in an object store, which only Kubeflow Pipelines 2 has: version 1 passes the placeholder itself, Elyra cannot connect the port, and elsewhere the address is a text to fill in.",
                "Pass its path with inputPath or outputPath.", "elyra");
        }
        if (container.Env.Count > 0 && container.Command.Count == 0)
        {
            yield return Finding.Warning("env-without-command", new SourcePosition(definition.MainFile),
                "The container has environment variables and no command: the SDK of Kubeflow Pipelines 2 cannot use the pipeline.yaml of such a component within another pipeline.",
                "Write the entry point of the image as command.", "kfp");
        }
    }
}
