using System.Text;
using Claimed.Components.Wheels;

namespace Claimed.Components.Renditions;

/// <summary>Where the operator comes from, alone or with all of its namespace, and a task that uses it.</summary>
internal static class AirflowUsage
{
    public static IEnumerable<UsageText> Of(RenditionSource source, string registryUrl)
    {
        var module = UsageText.Variable($"{source.Namespace}_{source.Name}");
        var operatorClass = OperatorRendition.ClassName(source.Name);
        yield return new("airflow", "Airflow", $"Put its operator into the plugins folder; a DAG then says: from {module} import {operatorClass}",
            $"curl -fsS --create-dirs -o \"$AIRFLOW_HOME/plugins/{module}.py\" \\\n  '{source.VersionUrl}/{RenditionForm.Operator}'");

        yield return new("airflow", "Airflow, with pip", $"Installs all operators of the namespace; a DAG then says: {ProviderWheel.ImportOf(source)}",
            $"pip install --index-url '{registryUrl}/catalogs/airflow/simple/' claimed-{source.Namespace}");

        var (inputs, outputs) = OperatorArguments.For(AddressInputs.Of(source.Definition));
        var secrets = inputs.Where(input => input.Port.Secret && input.Port.Passing == PortPassing.Value).ToList();
        var variable = UsageText.Variable(source.Name);
        var python = new StringBuilder();
        if (secrets.Count > 0)
            python.Append("from airflow.providers.cncf.kubernetes.secret import Secret\n");
        python.Append("from ").Append(module).Append(" import ").Append(operatorClass).Append("\n\n")
            .Append(variable).Append(" = ").Append(operatorClass).Append("(\n    task_id=").Append(PythonText.Literal(variable)).Append(",\n");
        foreach (var input in inputs.Where(input => input.Default is null))
            python.Append("    ").Append(UsageText.Argument(input.Name, input.Port.Type)).Append('\n');
        if (inputs.Concat(outputs).Any(argument => argument.Port.Passing == PortPassing.File))
            python.Append("    workspace=...,  # volume for files\n");
        if (secrets.Count > 0)
        {
            python.Append("    secrets=[").AppendJoin(", ", secrets.Select(input =>
                    $"Secret(\"env\", {PythonText.Literal(OperatorSecrets.Variable(input.Port))}, {PythonText.Literal(source.Name)}, {PythonText.Literal(JobVariables.SecretKey(input.Port))})"))
                .Append("],\n");
        }
        yield return new("airflow", "Airflow, in a DAG", secrets.Count > 0 ? "A task of it, with its secrets from a Kubernetes secret." : "A task of it.", python.Append(')').ToString());
    }
}
