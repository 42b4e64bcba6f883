namespace Claimed.Components.Renditions;

/// <summary>The job by kubectl, and the secret that it reads.</summary>
internal static class KubernetesUsage
{
    public static UsageText Of(RenditionSource source)
    {
        var variables = JobVariables.Of(source).All;
        var lines = new List<string>();
        var keys = variables.Where(variable => variable.IsSecret).Select(variable => variable.Key).ToList();
        if (keys.Count > 0)
            lines.Add($"kubectl create secret generic {source.Name} \\\n  {string.Join(" \\\n  ", keys.Select(key => "--from-literal=" + ShellText.Word($"{key}=<{key}>")))}");
        var needed = variables.Where(variable => variable.IsNeeded).Select(variable => variable.Name).ToList();
        if (needed.Count == 0)
            return new("kubernetes", "Kubernetes", "Run it as a job.", string.Join('\n', [.. lines, $"kubectl create -f '{source.VersionUrl}/{RenditionForm.Job}'"]));
        lines.Add($"curl -fsSO '{source.VersionUrl}/{RenditionForm.Job}'");
        lines.Add($"# Fill in {string.Join(", ", needed)} in {RenditionForm.Job}, then:");
        lines.Add($"kubectl create -f {RenditionForm.Job}");
        return new("kubernetes", "Kubernetes", "Run it as a job, once its inputs are filled in.", string.Join('\n', lines));
    }
}
