using System.Text;

namespace Claimed.Components.Renditions;

/// <summary>
/// Secrets of an operator: one that <c>secrets</c> mounts is no argument of the pod. Airflow writes the variables of secrets in capitals,
/// so the pod also gets them by the names that the component reads.
/// </summary>
internal static class OperatorSecrets
{
    /// <summary>The variable to mount a secret as.</summary>
    public static string Variable(Port port) => KubernetesText.IsEnvironmentName(port.Name) ? port.Name : JobVariables.Word(port.Name);

    public static IReadOnlyList<Port> Of(Definition definition) => [.. definition.Inputs.Where(input => input.Secret && input.Passing == PortPassing.Value)];

    /// <summary>The constant that names each secret input's variable.</summary>
    public static void WriteTable(StringBuilder python, IReadOnlyList<Port> secrets)
    {
        if (secrets.Count == 0)
            return;
        python.Append("SECRETS = {").AppendJoin(", ", secrets.Select(port => $"{PythonText.Literal(port.Name)}: {PythonText.Literal(Variable(port))}")).Append("}\n");
    }

    /// <summary>The method that says which are mounted, and as what.</summary>
    public static void WriteMethod(StringBuilder python, IReadOnlyList<Port> secrets)
    {
        if (secrets.Count == 0)
            return;
        python.Append("    def _mounted(self) -> Dict[str, str]:\n")
            .Append("        targets = [secret.deploy_target for secret in self.secrets or [] if secret.deploy_type == \"env\"]\n")
            .Append("        mounted = {}\n")
            .Append("        for name, variable in SECRETS.items():\n")
            .Append("            if None in targets or variable.upper() in [target.upper() for target in targets if target]:\n")
            .Append("                mounted[name] = variable\n")
            .Append("        return mounted\n\n");
    }

    /// <summary>The end of the method that makes the pod.</summary>
    public static void WriteEnd(StringBuilder python, IReadOnlyList<Port> secrets)
    {
        if (secrets.Count == 0)
        {
            python.Append("        return super().build_pod_request_obj(context)\n");
            return;
        }
        python.Append("        pod = super().build_pod_request_obj(context)\n")
            .Append("        for container in pod.spec.containers:\n")
            .Append("            known = {variable.name: variable for variable in container.env or []}\n")
            .Append("            for name in mounted.values():\n")
            .Append("                if name not in known and name.upper() in known:\n")
            .Append("                    container.env.append(k8s.V1EnvVar(name=name, value_from=known[name.upper()].value_from))\n")
            .Append("        return pod\n");
    }
}
