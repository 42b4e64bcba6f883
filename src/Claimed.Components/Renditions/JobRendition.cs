namespace Claimed.Components.Renditions;

/// <summary>
/// A Kubernetes Job for <c>kubectl create -f</c>. Inputs are environment variables: a foreign container gets them where its command has
/// placeholders, as <c>$(NAME)</c>, so that a secret is never a part of the pod's text.
/// </summary>
internal static class JobRendition
{
    private const string Volume = "data";
    private const string Folder = "/data";

    public static string Write(RenditionSource source)
    {
        var variables = JobVariables.Of(source);
        return Head(source, variables) + YamlLayout.Write(new YamlMap
        {
            { "apiVersion", "batch/v1" },
            { "kind", "Job" },
            { "metadata", new YamlMap { { "generateName", source.Name + "-" }, { "labels", Labels(source) }, { "annotations", Annotations(source) } } },
            { "spec", new YamlMap
                {
                    // Whether running it twice does harm, only its author knows.
                    { "backoffLimit", YamlBare.Of(0) },
                    { "template", new YamlMap { { "metadata", new YamlMap { { "labels", Labels(source) } } }, { "spec", Pod(source, variables) } } },
                } },
        });
    }

    /// <summary>The secret that the job reads, and its keys.</summary>
    public static (string Name, IReadOnlyList<string> Keys) Secret(RenditionSource source) =>
        (source.Name, [.. JobVariables.Of(source).All.Where(variable => variable.IsSecret).Select(variable => variable.Key)]);

    private static string Head(RenditionSource source, JobVariables variables)
    {
        var lines = new List<string> { $"{source.Namespace}/{source.Name} {source.Version}: kubectl create -f job.yaml" };
        var needed = variables.All.Where(variable => variable.IsNeeded).Select(variable => variable.Name).ToList();
        if (needed.Count > 0)
            lines.Add($"Fill in first: {string.Join(", ", needed)}.");
        if (variables.All.Any(variable => variable.IsSecret))
            lines.Add($"Secrets are read from the secret {source.Name}, by the name of the input.");
        if (variables.UsesFiles)
            lines.Add($"Files are read from and written to the volume {Volume} ({Folder}), which ends with the pod: name a persistentVolumeClaim in place of emptyDir.");
        return YamlLayout.Comment(lines);
    }

    private static YamlMap Labels(RenditionSource source) => new()
    {
        { "app.kubernetes.io/name", KubernetesText.Label(source.Name) },
        { "app.kubernetes.io/part-of", KubernetesText.Label(source.Namespace) },
        { "app.kubernetes.io/version", KubernetesText.Label(source.Version) },
    };

    private static YamlMap Annotations(RenditionSource source)
    {
        var map = new YamlMap();
        foreach (var (key, value) in ComponentRendition.OwnAnnotations(source))
            map.Add(key, value);
        return map;
    }

    private static YamlMap Pod(RenditionSource source, JobVariables variables)
    {
        var isOurs = source.Definition.Container is null;
        var container = new YamlMap
        {
            { "name", source.Name },
            { "image", source.Image },
            { "command", variables.Command },
            { "args", variables.Args },
            { "env", variables.All.Select(Entry).ToList() },
            { "resources", Amounts(source.Definition.Resources) },
            { "volumeMounts", variables.UsesFiles ? new[] { new YamlMap { { "name", Volume }, { "mountPath", Folder } } } : null },
        };
        if (isOurs)
        {
            container.Add("securityContext", new YamlMap
            {
                { "allowPrivilegeEscalation", YamlBare.False },
                { "capabilities", new YamlMap { { "drop", new[] { "ALL" } } } },
                { "runAsNonRoot", YamlBare.True },
            });
        }
        var pod = new YamlMap
        {
            { "restartPolicy", "Never" },
            { "securityContext", isOurs ? new YamlMap { { "seccompProfile", new YamlMap { { "type", "RuntimeDefault" } } } } : null },
            { "containers", new[] { container } },
        };
        if (variables.UsesFiles)
        {
            var volume = new YamlMap { { "name", Volume } };
            volume.AddEvenEmpty("emptyDir", new YamlMap());
            pod.Add("volumes", new[] { volume });
        }
        return pod;

        YamlMap Entry(JobVariable variable)
        {
            var entry = new YamlMap { { "name", variable.Name } };
            if (variable.IsSecret)
            {
                var reference = new YamlMap { { "name", source.Name }, { "key", variable.Key }, { "optional", variable.IsOptional ? YamlBare.True : null } };
                entry.Add("valueFrom", new YamlMap { { "secretKeyRef", reference } });
            }
            else
            {
                entry.Add("value", variable.Remark.Length > 0 ? new YamlRemarked(variable.Value, variable.Remark) : variable.Value);
            }
            return entry;
        }
    }

    // Kubernetes takes devices as limits alone.
    private static YamlMap Amounts(Resources resources)
    {
        var (requests, limits) = (new YamlMap(), new YamlMap());
        foreach (var (name, amount) in ResourceList.Of(resources))
        {
            limits.Add(ResourceList.KubernetesName(name), amount);
            if (name != ResourceList.Gpu)
                requests.Add(ResourceList.KubernetesName(name), amount);
        }
        return new() { { "requests", requests }, { "limits", limits } };
    }
}
