namespace Claimed.Components.Renditions;

/// <summary>Lines to copy that use one version in one client.</summary>
/// <param name="Client">One of <see cref="Clients"/>.</param>
/// <param name="Title">The client's name.</param>
/// <param name="Explanation">One sentence before the lines.</param>
/// <param name="Text">The lines, LF between them.</param>
public sealed record UsageText(string Client, string Title, string Explanation, string Text)
{
    /// <summary>Whom there are texts for, in their order.</summary>
    public static readonly IReadOnlyList<string> Clients = ["docker", "kfp", "elyra", "airflow", "kubernetes"];

    /// <summary>How each client uses a version.</summary>
    /// <param name="registryUrl">The registry's address, without trailing slash.</param>
    public static IReadOnlyList<UsageText> Of(RenditionSource source, string registryUrl) =>
    [
        DockerUsage.Of(source),
        KfpUsage.Of(source),
        .. ElyraUsage.Of(source, registryUrl),
        .. AirflowUsage.Of(source, registryUrl),
        KubernetesUsage.Of(source),
    ];

    /// <summary>The form <c>usage</c>: what the version is and asks for, then the lines of one client or of all.</summary>
    public static string Write(RenditionSource source, string registryUrl, string? client)
    {
        var definition = source.Definition;
        var head = new List<string> { $"{source.Namespace}/{source.Name} {source.Version}: {ComponentRendition.PlainName(source)}" };
        if (definition.BaseImage is { } baseImage)
            head.Add($"Base image: {baseImage}");
        if (Needs(definition.Resources) is { Length: > 0 } needs)
            head.Add($"Asks for: {needs}");
        var texts = Of(source, registryUrl).Where(text => client is null || text.Client == client);
        return YamlLayout.Comment(head) + string.Concat(texts.Select(text => $"\n{YamlLayout.Comment($"{text.Title}: {text.Explanation}")}\n{text.Text}\n"));
    }

    /// <summary>What a component asks of its machine, in words; empty when it does not say.</summary>
    public static string Needs(Resources resources) => string.Join(", ", ResourceList.Of(resources).Select(resource => $"{resource.Key} {resource.Value}"));

    /// <summary>A Python identifier for a component.</summary>
    internal static string Variable(string name)
    {
        var word = name.Replace('-', '_');
        return char.IsAsciiDigit(word[0]) || PortNames.IsPythonKeyword(word) ? "component_" + word : word;
    }

    /// <summary>What a person has to fill in, as an argument in Python: legal, and refused when it is left as it is.</summary>
    internal static string Argument(string name, string type) => $"{name}=...,  # {ClientInterface.OneLine(type)}";
}
