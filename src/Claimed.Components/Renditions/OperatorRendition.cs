using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>
/// An Airflow operator that runs the component in a pod. Airflow imports it; Elyra only reads its syntax tree, which is why it names
/// <c>BaseOperator</c> among its bases: the import path of the pod operator has a form that Elyra does not take for an operator's.
/// </summary>
internal static class OperatorRendition
{
    private const string XComFile = "/airflow/xcom/return.json";

    public static string Write(RenditionSource version)
    {
        var source = AddressInputs.Of(version);
        var definition = source.Definition;
        var (inputs, outputs) = OperatorArguments.For(definition);
        var returnsValues = definition.Container is null && definition.Outputs.Any(port => port.Passing == PortPassing.Value);
        var secrets = OperatorSecrets.Of(definition);
        var python = new StringBuilder();
        WriteHead(python, source, secrets);
        WriteClassHead(python, source, inputs, outputs, returnsValues);
        WriteInit(python, source, inputs, outputs, returnsValues);
        OperatorSecrets.WriteMethod(python, secrets);
        WritePod(python, definition, secrets, returnsValues);
        return python.ToString();
    }

    /// <summary><c>filter-csv</c> becomes <c>FilterCsvOperator</c>.</summary>
    public static string ClassName(string name)
    {
        var words = name.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..]);
        var joined = string.Concat(words);
        return (char.IsAsciiLetter(joined[0]) ? joined : "Component" + joined) + "Operator";
    }

    private static void WriteHead(StringBuilder python, RenditionSource source, IReadOnlyList<Port> secrets)
    {
        python.Append("\"\"\"").Append(PythonText.Docstring($"Runs the component {source.Namespace}/{source.Name} {source.Version} as an Airflow task."))
            .Append("\"\"\"\n\n")
            .Append("from __future__ import annotations\n\n")
            .Append("import json\n")
            .Append("from typing import Any, Dict, Optional\n\n")
            .Append("from airflow.models import BaseOperator\n")
            .Append("from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator\n");
        if (source.Definition.Container?.Env.Count > 0 || secrets.Count > 0 || ResourceList.Of(source.Definition.Resources).Any())
            python.Append("from kubernetes.client import models as k8s\n");
        python.Append("\nIMAGE = ").Append(PythonText.Literal(source.Image)).Append('\n');
        OperatorSecrets.WriteTable(python, secrets);
        python.Append("\n\ndef _text(value: Any) -> str:\n")
            .Append("    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)\n\n\n");
    }

    private static void WriteClassHead(
        StringBuilder python, RenditionSource source, IReadOnlyList<OperatorArgument> inputs, IReadOnlyList<OperatorArgument> outputs, bool returnsValues)
    {
        python.Append("# BaseOperator is a base already; it is named for readers of the source text, such as Elyra.\n")
            .Append("class ").Append(ClassName(source.Name)).Append("(KubernetesPodOperator, BaseOperator):\n    \"\"\"")
            .Append(PythonText.Docstring(ComponentRendition.PlainName(source))).Append("\n\n");
        var description = ClientInterface.OneLine(source.Definition.Description);
        if (description.Length > 0)
            python.Append("    ").Append(PythonText.Docstring(description)).Append("\n\n");
        if (returnsValues)
        {
            var values = source.Definition.Outputs.Where(port => port.Passing == PortPassing.Value).Select(port => port.Name).ToList();
            python.Append("    Its XCom is the ").Append(values.Count == 1 ? $"text of the output {values[0]}" : $"dictionary of the outputs {string.Join(", ", values)}")
                .Append(".\n\n");
        }
        foreach (var argument in inputs.Concat(outputs))
        {
            python.Append("    :param ").Append(argument.Name).Append((": " + PythonText.Docstring(argument.Description)).TrimEnd()).Append('\n')
                .Append("    :type ").Append(argument.Name).Append(": ").Append(argument.DocType).Append('\n');
        }
        python.Append("    \"\"\"\n\n")
            .Append("    template_fields = (*KubernetesPodOperator.template_fields, \"component_inputs\", \"component_outputs\")\n")
            .Append("    # Airflow would read a value that ends in .json or .yaml as the name of a template file.\n")
            .Append("    template_ext = ()\n\n");
    }

    private static void WriteInit(
        StringBuilder python, RenditionSource source, IReadOnlyList<OperatorArgument> inputs, IReadOnlyList<OperatorArgument> outputs, bool returnsValues)
    {
        python.Append("    def __init__(\n        self,\n");
        if (inputs.Count + outputs.Count > 0)
            python.Append("        *,\n");
        foreach (var argument in inputs.Concat(outputs).OrderBy(argument => argument.Default is not null))
        {
            python.Append("        ").Append(argument.Name).Append(": ").Append(argument.Annotation);
            if (argument.Default is not null)
                python.Append(" = ").Append(argument.Default);
            python.Append(",\n");
        }
        python.Append("        **kwargs: Any,\n    ) -> None:\n")
            .Append("        kwargs.setdefault(\"image\", IMAGE)\n")
            .Append("        kwargs.setdefault(\"name\", ").Append(PythonText.Literal(source.Name)).Append(")\n");
        if (returnsValues)
            python.Append("        kwargs.setdefault(\"do_xcom_push\", True)\n");
        WriteResources(python, source.Definition.Resources);
        WriteEnvironment(python, source.Definition);
        python.Append("        super().__init__(**kwargs)\n");
        WriteDictionary(python, "component_inputs", inputs);
        WriteDictionary(python, "component_outputs", outputs);
        python.Append('\n');
    }

    private static void WriteResources(StringBuilder python, Resources resources)
    {
        var amounts = ResourceList.Of(resources).ToList();
        if (amounts.Count == 0)
            return;
        // Kubernetes takes devices as limits alone.
        var requests = amounts.Where(amount => amount.Key != ResourceList.Gpu).ToList();
        python.Append("        kwargs.setdefault(\"container_resources\", k8s.V1ResourceRequirements(");
        if (requests.Count > 0)
            python.Append("requests={").Append(Entries(requests)).Append("}, ");
        python.Append("limits={").Append(Entries(amounts)).Append("}))\n");

        static string Entries(IEnumerable<KeyValuePair<string, string>> amounts) => string.Join(", ",
            amounts.Select(amount => $"{PythonText.Literal(ResourceList.KubernetesName(amount.Key))}: {PythonText.Literal(amount.Value)}"));
    }

    private static void WriteEnvironment(StringBuilder python, Definition definition)
    {
        if (definition.Container?.Env is not { Count: > 0 } variables)
            return;
        python.Append("        own = {").AppendJoin(", ", variables.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => $"{PythonText.Literal(pair.Key)}: {PythonText.Literal(pair.Value)}")).Append("}\n")
            .Append("        env_vars = kwargs.get(\"env_vars\") or {}\n")
            .Append("        if isinstance(env_vars, dict):\n")
            .Append("            kwargs[\"env_vars\"] = {**own, **env_vars}\n")
            .Append("        else:\n")
            .Append("            kwargs[\"env_vars\"] = [*(k8s.V1EnvVar(name=key, value=value) for key, value in own.items()), *env_vars]\n");
    }

    private static void WriteDictionary(StringBuilder python, string name, IReadOnlyList<OperatorArgument> arguments)
    {
        python.Append("        self.").Append(name).Append(" = {");
        foreach (var argument in arguments)
            python.Append("\n            ").Append(PythonText.Literal(argument.Port.Name)).Append(": ").Append(argument.Name).Append(',');
        python.Append(arguments.Count == 0 ? "}\n" : "\n        }\n");
    }

    // Built when the pod is: the inputs have been rendered by then, and texts of the component itself are never taken for templates.
    private static void WritePod(StringBuilder python, Definition definition, IReadOnlyList<Port> secrets, bool returnsValues)
    {
        python.Append("    def build_pod_request_obj(self, context: Any = None) -> Any:\n");
        if (secrets.Count > 0)
            python.Append("        mounted = self._mounted()\n");
        if (definition.Container is { } container)
        {
            python.Append("        inputs = {name: _text(value) for name, value in self.component_inputs.items() if value is not None}\n");
            // Of a source's command an empty value leaves the variable; elsewhere Kubernetes puts the secret in its place when the container starts.
            if (secrets.Any(port => SecretInputs.IsInEnvironment(definition, port)))
                python.Append("        inputs.update((name, \"\") for name in SECRETS if name in mounted or name not in inputs)\n");
            else if (secrets.Count > 0)
                python.Append("        inputs.update((name, f\"$({variable})\") for name, variable in mounted.items())\n");
            python.Append("        outputs = self.component_outputs\n")
                .Append("        self.cmds = ").Append(OperatorCommand.List(container.Command)).Append('\n')
                .Append("        self.arguments = ").Append(OperatorCommand.List(container.Args)).Append('\n');
        }
        else
        {
            python.Append("        values = {**self.component_inputs, **self.component_outputs}\n")
                .Append("        self.arguments = [f\"{name}={_text(value)}\" for name, value in values.items() if value is not None")
                .Append(secrets.Count > 0 ? " and name not in mounted]\n" : "]\n");
            if (returnsValues)
                python.Append("        if self.do_xcom_push:\n            self.arguments.append(\"").Append(Runners.RunnerFiles.ResultArgument).Append('=').Append(XComFile).Append("\")\n");
        }
        OperatorSecrets.WriteEnd(python, secrets);
    }
}
