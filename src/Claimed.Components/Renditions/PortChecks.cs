using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>Names, types and defaults of ports against what KFP and Elyra take.</summary>
internal static partial class PortChecks
{
    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Variable { get; }

    public static IEnumerable<Finding> Check(Definition definition)
    {
        var (inputNames, outputNames) = PortNames.Serve(definition.Inputs, definition.Outputs);
        var use = definition.Container is null ? null : PlaceholderUse.Of(definition.Container);
        return definition.Inputs.SelectMany((port, i) => Names(definition, port, inputNames[i], "input"))
            .Concat(definition.Outputs.SelectMany((port, i) => Names(definition, port, outputNames[i], "output")))
            .Concat(definition.Inputs.SelectMany(port => InputType(definition, port, use)))
            .Concat(definition.Inputs.SelectMany(port => Default(definition, port, use)))
            .Concat(definition.Outputs.SelectMany(OutputType))
            .Concat(OptionalFiles(definition));
    }

    private static IEnumerable<Finding> Names(Definition definition, Port port, string served, string direction)
    {
        if (definition.Container is null && (!Variable.IsMatch(port.Name) || (port.Variable is { } variable && !Variable.IsMatch(variable))))
        {
            yield return Finding.Error($"{direction}-name-not-a-variable", port.Position,
                $"The {direction} '{Shown(port)}' is not the name of an environment variable.", "Use letters, digits and underscores, and begin with a letter.");
            yield break;
        }
        if (served == port.Name)
            yield break;
        var (code, why) =
            !PortNames.HasLegalCharacters(port.Name) ? ($"{direction}-name-illegal", "has characters that Elyra does not take")
            : PortNames.IsReserved(port.Name) ? ($"{direction}-name-reserved", "is a word of Python, YAML or Elyra")
            : direction == "output" && port.Name.Contains("output_", StringComparison.OrdinalIgnoreCase) ? ("output-name-prefix", "holds 'output_', which Elyra removes")
            : ($"{direction}-name-collides", "is the same as another port once KFP and Elyra have normalised it");
        yield return Finding.Warning(code, port.Position, $"The {direction} '{Shown(port)}' {why}; pipelines see it as '{served}'.",
            $"Rename it, for example to '{served}'.");
    }

    private static IEnumerable<Finding> InputType(Definition definition, Port port, PlaceholderUse? use)
    {
        var valueType = PortValues.ValueType(port.Type);
        if (use is not null && use.InputValues.Contains(port.Name) && use.InputPaths.Contains(port.Name))
        {
            yield return Finding.Warning("input-value-and-path", port.Position, $"The input '{Shown(port)}' is used as a value and as a path; KFP v2 refuses that.",
                "Use one of inputValue and inputPath.", "kfp");
        }
        else if (ClientInterface.PassesFile(port, use))
        {
            if (port.Optional)
            {
                yield return Finding.Suggestion("input-file-optional-in-elyra", port.Position,
                    $"Elyra cannot leave out a file: there '{Shown(port)}' has to be connected.", "Nothing needs to change; split the component if many use it without the file.", "elyra");
            }
            if (valueType is not null)
            {
                yield return Finding.Warning("input-type-not-a-file", port.Position,
                    $"The input '{Shown(port)}' of type {Shown(port.Type)} is passed as a path, which KFP v2 refuses; it is served as Artifact.", "Declare it as Dataset, Model or Artifact.", "kfp");
            }
        }
        else if (valueType is null)
        {
            yield return Finding.Warning("input-type-unknown", port.Position,
                $"The input '{Shown(port)}' passes a value of the type '{Shown(port.Type)}', which KFP v2 takes for a file; it is served as String.",
                "Declare it as String, Integer, Float, Boolean, JsonObject or JsonArray.", "kfp");
        }
        else if (valueType is PortTypes.Boolean or PortTypes.JsonObject or PortTypes.JsonArray)
        {
            yield return Finding.Suggestion("input-type-not-in-elyra", port.Position,
                $"Elyra cannot submit a constant {valueType}; there '{Shown(port)}' is a String.", "Nothing needs to change; say in the description what to write.", "elyra");
        }
        if (port.Secret && definition.Container is not null && port.Default is not null)
        {
            yield return Finding.Warning("input-secret-default", port.Position, $"The default of the secret '{Shown(port)}' is not served; pipelines have to give one.",
                "Remove the default from the component.");
        }
    }

    private static IEnumerable<Finding> Default(Definition definition, Port port, PlaceholderUse? use)
    {
        var type = PortValues.ValueType(port.Type) ?? PortTypes.String;
        var passesFile = ClientInterface.PassesFile(port, use);
        if (port.Default is { } text)
        {
            if (passesFile && definition.Container is not null)
            {
                yield return Finding.Warning("input-default-on-file", port.Position, $"The input '{Shown(port)}' is a file, for which KFP v2 has no defaults; it is served as optional.",
                    "Remove the default, or pass the input as a value.", "kfp");
            }
            else if (!passesFile && PortValues.Spell(type, text) is null)
            {
                yield return Finding.Warning("input-default-not-of-type", port.Position,
                    $"The default of the input '{Shown(port)}' is not a {type}; the input is served as String.", $"Write a {type} as the default, or change the type.");
            }
            if (!passesFile && definition.Container is not null && text.Contains('"'))
            {
                yield return Finding.Warning("input-default-quotes", port.Position,
                    $"Elyra turns the double quotes in the default of '{Shown(port)}' into single quotes.", "Choose a default without double quotes.", "elyra");
            }
        }
        else if (!passesFile && port.Optional && definition.Container is not null)
        {
            yield return Finding.Warning("input-optional-without-default", port.Position,
                $"Elyra passes an empty text or 0 for the optional input '{Shown(port)}' when it is left out.", "Give it a default, or let the program take an empty value for none.", "elyra");
        }
    }

    private static IEnumerable<Finding> OutputType(Port port)
    {
        if (port.Passing == PortPassing.Value && PortValues.ValueType(port.Type) is null)
        {
            yield return Finding.Warning("output-type-unknown", port.Position,
                $"The output '{Shown(port)}' has the type '{Shown(port.Type)}', which clients take for a file.", "Declare it as String, Integer, Float, Boolean, JsonObject or JsonArray.", "kfp");
        }
    }

    private static IEnumerable<Finding> OptionalFiles(Definition definition)
    {
        var files = definition.Inputs.Where(port => port.Passing == PortPassing.File && (port.Optional || port.Default is not null)).ToList();
        if (definition.Container is null && files.Count > 1)
        {
            yield return Finding.Warning("input-optional-files", files[1].Position,
                $"Of the {files.Count} optional file inputs, a pipeline of KFP 1.8 has to give a leading part: '{Shown(files[0])}' before '{Shown(files[1])}'.",
                "Make them required, or keep one optional file.", "kfp");
        }
    }

    private static string Shown(Port port) => Shown(port.Name);

    private static string Shown(string text) => NameChecks.Shown(text);
}
