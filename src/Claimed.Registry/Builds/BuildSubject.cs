using Claimed.Components;
using Claimed.Database.Catalog;

namespace Claimed.Registry.Builds;

/// <summary>What a build is for.</summary>
/// <param name="Shaping">The publisher's options that shape the image.</param>
public sealed record BuildSubject(string Space, string Name, ComponentVersion Version, Definition Definition, IReadOnlyDictionary<string, string> Shaping)
{
    public string Repository => $"{Space}/{Name}";

    /// <summary>Labels of the image that say what it was made from. Not what it is called: the same files under another name or number make the same image.</summary>
    public IReadOnlyDictionary<string, string> Labels => LabelsOf(Version, Definition);

    internal static Dictionary<string, string> LabelsOf(ComponentVersion version, Definition definition)
    {
        var labels = new Dictionary<string, string>
        {
            ["org.opencontainers.image.description"] = definition.Description.ReplaceLineEndings(" "),
            ["claimed.registry.bundle"] = version.BundleDigest,
        };
        if (version.Repository is { } source)
            labels["org.opencontainers.image.source"] = source;
        if (version.Revision is { } revision)
            labels["org.opencontainers.image.revision"] = revision;
        if (definition.License is { } license)
            labels["org.opencontainers.image.licenses"] = license;
        return labels;
    }
}
