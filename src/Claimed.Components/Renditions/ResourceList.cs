namespace Claimed.Components.Renditions;

/// <summary>What a component asks of its machine, by the names that the registry uses in annotations and texts.</summary>
internal static class ResourceList
{
    public const string Gpu = "gpu";

    /// <summary>Name and amount of each that is asked for; a definition may come from elsewhere, so what is no amount is left out.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(Resources resources)
    {
        foreach (var (name, amount) in new[] { ("cpu", resources.Cpu), ("memory", resources.Memory), (Gpu, resources.Gpu), ("storage", resources.Storage) })
        {
            if (amount is not null && Quantity.Parse(amount) is not null)
                yield return KeyValuePair.Create(name, amount);
        }
    }

    /// <summary>The name that Kubernetes has for one of them.</summary>
    public static string KubernetesName(string name) => name switch
    {
        Gpu => "nvidia.com/gpu",
        "storage" => "ephemeral-storage",
        _ => name,
    };
}
