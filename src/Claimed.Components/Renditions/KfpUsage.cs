using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Claimed.Components.Renditions;

/// <summary>A pipeline of one step in Python; what only its author knows stands as <c>...</c>.</summary>
internal static partial class KfpUsage
{
    public static UsageText Of(RenditionSource source)
    {
        var definition = source.Definition;
        var ports = ClientInterface.For(definition, forElyra: false);
        // A foreign container knows its secrets by arguments alone.
        var secrets = SecretInputs.InEnvironment(definition).Select(input => input.Name).ToList();
        var variable = UsageText.Variable(source.Name);
        var python = new StringBuilder("from kfp import components, dsl");
        if (secrets.Count > 0)
            python.Append(", kubernetes");
        python.Append("\n\n").Append(variable).Append(" = components.load_component_from_url(\n    \"").Append(source.VersionUrl).Append('/').Append(RenditionForm.Component).Append("\")\n\n\n")
            .Append("@dsl.pipeline\ndef pipeline():\n    task = ").Append(variable).Append('(');
        var needed = ports.Inputs.Where(input => !input.Optional && input.Type != PortTypes.FinalStatus).ToList();
        foreach (var input in needed)
        {
            var type = input.IsFile ? $"{input.Type}, an output of another task" : input.Type;
            python.Append("\n        ").Append(UsageText.Argument(PipelineRendition.ParameterName(input.Name), type));
        }
        python.Append(needed.Count > 0 ? "\n    )" : ")");
        foreach (var (name, amount) in ResourceList.Of(definition.Resources))
        {
            var call = name switch
            {
                "cpu" => $"set_cpu_limit({PythonText.Literal(Processors(amount))})",
                "memory" => $"set_memory_limit({PythonText.Literal(Bytes(amount))})",
                ResourceList.Gpu => $"set_accelerator_type(\"nvidia.com/gpu\").set_accelerator_limit({amount})",
                _ => null,
            };
            if (call is not null)
                python.Append("\n    task.").Append(call);
        }
        if (secrets.Count > 0)
        {
            python.Append("\n    kubernetes.use_secret_as_env(\n        task,\n        secret_name=").Append(PythonText.Literal(source.Name)).Append(",\n        secret_key_to_env={")
                .AppendJoin(", ", secrets.Select(secret => $"{PythonText.Literal(secret)}: {PythonText.Literal(secret)}")).Append("},\n    )");
        }
        // The SDK takes such a task as the end of a pipeline alone.
        if (ports.Inputs.Any(input => input.Type == PortTypes.FinalStatus))
            python.Append("\n    with dsl.ExitHandler(task):\n        ...  # the tasks whose status it gets");
        return new("kfp", "Kubeflow Pipelines",
            secrets.Count > 0 ? "Load this version in a pipeline written in Python; its secrets come from a Kubernetes secret." : "Load this version in a pipeline written in Python.",
            python.ToString());
    }
    // The SDK takes fewer ways of writing an amount than Kubernetes.
    private static string Processors(string amount) => SdkProcessors.IsMatch(amount) ? amount : Quantity.Parse(amount)!.Value.ToString("0.#########", CultureInfo.InvariantCulture);

    private static string Bytes(string amount) => SdkBytes.IsMatch(amount) ? amount : Math.Ceiling(Quantity.Parse(amount)!.Value).ToString("F0", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A([0-9]*\.)?[0-9]+m?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SdkProcessors { get; }

    [GeneratedRegex(@"\A[0-9]+([KMGTPE]i?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SdkBytes { get; }
}
