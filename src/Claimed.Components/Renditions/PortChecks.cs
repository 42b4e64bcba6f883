using System.Globalization;

namespace Claimed.Components.Renditions;

/// <summary>Ports that the readers of sources let through, against what single clients take; the renditions cure what they can.</summary>
internal static class PortChecks
{
    public static IEnumerable<Finding> Check(Definition definition)
    {
        var (inputNames, outputNames) = PortNames.Serve(definition.Inputs, definition.Outputs);
        var use = definition.Container is null ? null : PlaceholderUse.Of(definition.Container);
        return definition.Inputs.SelectMany((port, i) => Name(port, inputNames[i], "input"))
            .Concat(definition.Outputs.SelectMany((port, i) => Name(port, outputNames[i], "output")))
            .Concat(definition.Inputs.SelectMany(port => ClientInterface.PassesFile(port, use) ? File(port) : Value(definition, port)))
            .Concat(SharedNames(definition, inputNames, outputNames, use))
            .Concat(OptionalFiles(definition, use));
    }

    private static IEnumerable<Finding> Name(Port port, string served, string direction)
    {
        if (served == port.Name)
            yield break;
        var (code, why) =
            !PortNames.HasLegalCharacters(port.Name) ? ($"{direction}-name-illegal", "has characters that Elyra does not take")
            : PortNames.IsReserved(port.Name) ? ($"{direction}-name-reserved", "is a word of Python, YAML or Elyra")
            : direction == "output" && PortNames.LosesOutput(port.Name) ? ("output-name-prefix", $"holds '{(port.Name.Contains("output_", StringComparison.OrdinalIgnoreCase) ? "output_" : "output ")}', which Elyra removes")
            : ($"{direction}-name-collides", "is the same as another port once KFP and Elyra have normalised it");
        yield return Finding.Warning(code, port.Position, $"The {direction} '{Shown(port)}' {why}; pipelines see it as '{served}'.",
            $"Rename it, for example to '{served}'.");
    }

    private static IEnumerable<Finding> SharedNames(Definition definition, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, PlaceholderUse? use)
    {
        foreach (var (name, port) in PortNames.ServeElyra(inputs, outputs, use).Zip(definition.Outputs).Where((pair, i) => pair.First != outputs[i]))
        {
            yield return Finding.Suggestion("output-named-as-input", port.Position,
                $"Elyra tells by the name alone which port passes a file, and an input is called '{Shown(port)}', too: in its form the output is '{name}'.",
                "Nothing needs to change; name the output after what it holds.", "elyra");
        }
    }

    private static IEnumerable<Finding> File(Port port)
    {
        if (port.Optional || port.Default is not null)
        {
            yield return Finding.Suggestion("input-file-optional-in-elyra", port.Position,
                $"Elyra cannot leave out a file: there '{Shown(port)}' has to be connected.",
                "Nothing needs to change; split the component if many use it without the file.", "elyra");
        }
    }

    private static IEnumerable<Finding> Value(Definition definition, Port port)
    {
        if (PortValues.ValueType(port.Type) is PortTypes.Boolean or PortTypes.JsonObject or PortTypes.JsonArray)
        {
            yield return Finding.Suggestion("input-type-not-in-elyra", port.Position,
                $"Elyra cannot submit a constant {port.Type}; there '{Shown(port)}' is a String.", "Nothing needs to change; say in the description what to write.", "elyra");
        }
        // What our runner makes good, a foreign container cannot.
        if (definition.Container is null)
            yield break;
        if (port.Type == PortTypes.FinalStatus)
        {
            yield return Finding.Warning("input-final-status", port.Position,
                $"Only Kubeflow Pipelines 2 knows what '{Shown(port)}' is, and gives it to a task that ends a pipeline: Elyra cannot submit it, and elsewhere it is a text to fill in.",
                "Remove the input where the component should run elsewhere.", "elyra");
            yield break;
        }
        if (port.Default is { } json && PortValues.ValueType(port.Type) is { } jsonType and (PortTypes.JsonObject or PortTypes.JsonArray) && PortValues.Spell(jsonType, json) is null)
        {
            yield return Finding.Warning("default-holds-null", port.Position,
                $"The SDK of Kubeflow Pipelines 2 fails on a null within a default: in what is served, '{Shown(port)}' is a String.", "Leave out what is null.", "kfp");
        }
        if (port.Default is not null && ClientInterface.IsSpoilt(port.Default, forElyra: false))
        {
            yield return Finding.Warning("input-default-lines", port.Position,
                $"KFP v2 cannot compile a component alone when a default has several lines or control characters, as that of '{Shown(port)}' has.",
                "Choose a default of one line.", "kfp");
        }
        if (PortValues.ValueType(port.Type) == PortTypes.Float && double.TryParse(port.Default, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsInteger(number))
        {
            yield return Finding.Suggestion("input-default-whole", port.Position,
                $"Elyra passes the default of '{Shown(port)}' as an Integer, which KFP refuses for a Float; in its form the input is a String.", "Nothing needs to change.", "elyra");
        }
        if (port.Default?.Contains('"') == true)
        {
            yield return Finding.Warning("input-default-quotes", port.Position,
                $"Elyra turns the double quotes in the default of '{Shown(port)}' into single quotes.", "Choose a default without double quotes.", "elyra");
        }
        if (port.Default is null && port.Optional && !SecretInputs.IsInEnvironment(definition, port))
        {
            yield return Finding.Warning("input-optional-without-default", port.Position,
                $"Elyra passes an empty text or 0 for the optional input '{Shown(port)}' when it is left out.",
                "Give it a default, or let the program take an empty value for none.", "elyra");
        }
    }

    private static IEnumerable<Finding> OptionalFiles(Definition definition, PlaceholderUse? use)
    {
        var files = definition.Inputs.Where(port => ClientInterface.PassesFile(port, use) && (port.Optional || port.Default is not null)).ToList();
        if (definition.Container is null && files.Count > 1)
        {
            yield return Finding.Warning("input-optional-files", files[1].Position,
                $"Of the {files.Count} optional file inputs, a pipeline of KFP 1.8 has to give the first ones: '{Shown(files[0])}' before '{Shown(files[1])}'.",
                "Make them required, or keep one optional file.", "kfp");
        }
    }

    private static string Shown(Port port) => NameChecks.Shown(port.Name);
}
